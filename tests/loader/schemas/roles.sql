-- The three roles and what each may do. Roles belong to the whole server, so they may exist already.
do $$
declare
    role_name text;
    schema_name text;
    set_right text := case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end;
begin
    foreach role_name in array array['loader', 'transformer', 'reader'] loop
        if to_regrole(role_name) is null then
            begin
                execute format('create role %I nologin', role_name);
            exception when duplicate_object or unique_violation then
                null; -- another database of this server is being set up at the same moment
            end;
        end if;
        -- So that the one who sets up can act as each role, which PostgreSQL 16 split off from being a member.
        if not pg_has_role(current_user, role_name, set_right) or not pg_has_role(current_user, role_name, 'usage')
        then
            execute format('grant %I to current_user', role_name);
        end if;
        execute format('grant connect on database %I to %I', current_database(), role_name);
    end loop;

    execute format('grant create, temporary on database %I to transformer', current_database());

    foreach schema_name in array array['staging', 'intermediate', 'marts', 'seeds', 'dbt_test__audit'] loop
        execute format('create schema if not exists %I authorization transformer', schema_name);
        if (select nspowner from pg_namespace where nspname = schema_name) <> 'transformer'::regrole then
            execute format('alter schema %I owner to transformer', schema_name);
        end if;
    end loop;
end
$$;

grant usage on schema raw to loader, transformer;

grant insert on raw.events, raw.dead_letters to loader;
grant select, insert on raw.loads to loader;
grant select, insert, update on raw.source_files to loader;
grant select on raw.schema_versions to loader;
grant usage on sequence raw.loads_load_id_seq, raw.source_files_source_file_id_seq to loader;
grant execute on function raw.ensure_partition(date) to loader;

grant select on all tables in schema raw to transformer;

grant usage on schema marts to reader;
alter default privileges for role transformer in schema marts grant select on tables to reader;
