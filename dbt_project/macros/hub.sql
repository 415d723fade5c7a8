{#
    The customer hub: keys of its events, and the rules of its threads (see "Customer hub" in docs/metrics.md).
#}

{# The thread that a keyed line of the hub belongs to: text; null for all other products, whatever fields they write. #}
{% macro hub_thread_id() -%}
    case when coalesce(known_event, event_as_written) like 'hub.%' then {{ json_key('known_payload', 'thread_id') }} end
{%- endmacro %}

{# Keyed hash of the contact that such a line names: text. #}
{% macro hub_contact_hash() -%}
    case
        when coalesce(known_event, event_as_written) like 'hub.%'
            then {{ keyed_hash(json_text('known_payload', 'contact_id')) }}
    end
{%- endmacro %}

{# From when on time alone changes nothing about a thread any more, at the latest: inside a `group by` of its lines. lines: alias, where needed. #}
{% macro thread_settled_at(lines='') -%}
    {%- set alias = lines ~ '.' if lines else '' -%}
    {%- set longest = [var('unseen_minutes'), var('need_reply_minutes'), 60 * var('follow_up_hours')] | max -%}
    greatest(
        {{ right_after(minutes_after('max(' ~ alias ~ 'occurred_at)', longest)) }},
        max({{ json_timestamp(alias ~ 'payload', 'until') }}) filter (where {{ alias }}event = 'hub.thread_snoozed')
    )
{%- endmacro %}

{# Contacts of contact events that were built since this model's last build: rows of tenant_id and contact_hash. #}
{% macro touched_contacts() -%}
    {{ touched_keys(ref('base_event_lines'), 'tenant_id, contact_hash', 'contact_hash is not null and thread_id is null') }}
{%- endmacro %}

{# Whether a line names one of these contacts, in whatever tenant. #}
{% macro is_of_touched_contact() -%}
    {{ is_listed('contact_hash', 'select contact_hash from (' ~ touched_contacts() ~ ') as contacts') }}
{%- endmacro %}

{# A `where` for staging views of contacts. #}
{% macro only_touched_contacts() -%}
    {%- set touched = touched_contacts() -%}
    {% if is_incremental() -%}
    where
        (tenant_id, contact_hash) in (select tenant_id, contact_hash from ({{ touched }}) as touched)
        {%- if not last_mark().is_outdated %}
        and {{ is_of_touched_contact() }}
        {%- endif %}
    {%- endif %}
{%- endmacro %}

{# A pre-hook that deletes the rows of the same contacts; those of pruned ones stay, for no line names them. #}
{% macro forget_touched_contacts() -%}
    {% if is_incremental() -%}
    delete from {{ this }}
    where (tenant_id, contact_hash) in (select tenant_id, contact_hash from ({{ touched_contacts() }}) as touched)
    {%- else -%}
    select 1
    {%- endif %}
{%- endmacro %}

{# The instant right after another: what lasts up to an instant, itself included, ends here. #}
{% macro right_after(at) -%}
    ({{ at }} + interval '1 microsecond')
{%- endmacro %}

{# The bucket of a thread at `as_of`, where all that is known has happened: text. contacts, scored: aliases of what decides. #}
{% macro bucket_of(contacts, scored) -%}
    case
        when {{ contacts }}.promoted_at is not null then 'WHITE'
        when {{ contacts }}.blocked_at is not null then 'BLACK'
        when {{ scored }}.white_at is not null then 'WHITE'
        when {{ scored }}.gray_at is not null then 'GRAY'
        else 'BLACK'
    end
{%- endmacro %}

{# An instant after all others: timestamptz. Not the engines' infinity, which clients cannot show. #}
{% macro never() -%}
    cast('9999-12-31T00:00:00Z' as timestamptz)
{%- endmacro %}

{# From when on a message that nothing follows is overdue, if it is theirs, or it is our turn again: timestamptz. #}
{% macro late_from(speaker, said_at) -%}
    case
        when {{ speaker }} = 'them' then {{ right_after(minutes_after(said_at, var('need_reply_minutes'))) }}
        else {{ right_after(minutes_after(said_at, 60 * var('follow_up_hours'))) }}
    end
{%- endmacro %}

{# Whether a thread counts at an instant: it was not black. threads: alias of fct_threads; where it has no row, it does not. #}
{% macro counts_in_hub(threads, at) -%}
    coalesce(
        {{ threads }}.promoted_at <= {{ at }}
        or ({{ threads }}.gray_at <= {{ at }} and (coalesce({{ threads }}.blocked_at > {{ at }}, true))),
        false
    )
{%- endmacro %}

{# The first local date by whose clearing hour an instant is past, the hour itself included. #}
{% macro clearing_date(at, timezone) -%}
    cast(({{ at }} at time zone {{ timezone }}) + (24 - {{ var('hub_clearing_hour') }}) * interval '1 hour' - interval '1 microsecond' as date)
{%- endmacro %}

{# The first local date by whose begin an instant is past, that midnight included. #}
{% macro next_date(at, timezone) -%}
    cast(({{ at }} at time zone {{ timezone }}) - interval '1 microsecond' + interval '1 day' as date)
{%- endmacro %}

{# Whether a rule of the score is about a message. messages: alias with the signals and message_date; rules: alias with rule and name. #}
{% macro is_hub_rule_matched(messages, rules) -%}
    case {{ rules }}.rule
        when 'keyword' then {{ json_list_has(messages ~ '.keyword_hits', rules ~ '.name') }}
        when 'file_type' then {{ json_list_has(messages ~ '.file_types', rules ~ '.name') }}
        when 'knowledge_base' then {{ messages }}.is_kb_matched
        when 'day' then {{ rules }}.name = case when extract(isodow from {{ messages }}.message_date) > 5 then 'weekend' else 'weekday' end
        else true
    end
{%- endmacro %}

{# The trigger type that a message of theirs asks for: that of the keyword list with the most points, of equals the first. scored: alias. #}
{% macro trigger_type_of(scored) -%}
    case
        when {{ scored }}.speaker != 'them' then null
        when greatest({{ scored }}.pre_sales_points, {{ scored }}.after_sales_points, {{ scored }}.bizdev_points) = 0 then null
        when {{ scored }}.pre_sales_points >= greatest({{ scored }}.after_sales_points, {{ scored }}.bizdev_points) then 'pre_sales'
        when {{ scored }}.after_sales_points >= {{ scored }}.bizdev_points then 'after_sales'
        else 'bizdev'
    end
{%- endmacro %}

{# How often something happened on a day: bigint. Inside a `group by` of days with their `counts`. change: of int_hub_changes_dated. #}
{% macro changes_counted(change) -%}
    cast(coalesce(sum(counts.changes_count) filter (where counts.change = '{{ change }}'), 0) as bigint)
{%- endmacro %}

{# Sum of a count over the days of a tenant until this one: bigint. #}
{% macro sum_so_far(count) -%}
    cast(sum({{ count }}) over (partition by tenant_id order by metric_date rows unbounded preceding) as bigint)
{%- endmacro %}
