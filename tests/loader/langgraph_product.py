"""A support product on LangGraph without a model: two sub-agents, a tool, a refund that a human must allow."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import psycopg
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langchain_core.tools import tool
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.prebuilt import ToolNode
from langgraph.types import Command, interrupt
from psycopg.rows import dict_row
from typing_extensions import TypedDict

AGENTS = ("orders", "billing")
ADDRESS = "li@example.com"
_USAGE = {
    "input_tokens": 120,
    "output_tokens": 30,
    "total_tokens": 150,
    "input_token_details": {"cache_read": 100},
}


class State(TypedDict):
    messages: Annotated[list[AnyMessage], add_messages]


@tool
def find_order(order_number: str) -> str:
    """Look an order up."""
    if order_number == "A2":
        raise ValueError("no such order")
    return "shipped"


def route(state: State) -> str:
    return "billing" if "money" in str(state["messages"][-1].content) else "orders"


def orders(state: State) -> dict[str, Any]:
    last = state["messages"][-1]
    if isinstance(last, ToolMessage):
        about = {"model_name": "assistant-small", "model_provider": "acme"}
        return {"messages": [AIMessage("It is on its way.", usage_metadata=_USAGE, response_metadata=about)]}
    if "crash" in str(last.content):
        raise TimeoutError(f"no answer for {ADDRESS}")
    number = "A2" if "second" in str(last.content) else "A1"
    return {
        "messages": [AIMessage("", tool_calls=[{"name": "find_order", "args": {"order_number": number}, "id": "c"}])]
    }


def after_orders(state: State) -> str:
    last = state["messages"][-1]
    return "tools" if isinstance(last, AIMessage) and last.tool_calls else END


def billing(state: State) -> dict[str, Any]:
    answer = interrupt({"action": "refund", "amount": 5, "note": f"for {ADDRESS}"})
    return {"messages": [AIMessage("You get it back." if answer is True else "That is not possible.")]}


class Product:
    """The product at work on a database."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True, row_factory=dict_row)
        self.saver = PostgresSaver(self._connection)
        self.saver.setup()
        graph = StateGraph(State)
        graph.add_node("orders", orders)
        graph.add_node("billing", billing)
        graph.add_node("tools", ToolNode([find_order], handle_tool_errors=True))
        graph.add_conditional_edges(START, route, list(AGENTS))
        graph.add_conditional_edges("orders", after_orders, ["tools", END])
        graph.add_edge("tools", "orders")
        self._graph = graph.compile(checkpointer=self.saver)

    def ask(self, thread_id: str, text: str) -> None:
        """A customer writes."""
        self._graph.invoke({"messages": [HumanMessage(text)]}, _config(thread_id))

    def decide(self, thread_id: str, answer: Any) -> None:
        """A human answers what the AI asked for."""
        self._graph.invoke(Command(resume=answer), _config(thread_id))

    def close(self) -> None:
        self._connection.close()


@contextmanager
def product_on(url: str) -> Iterator[Product]:
    product = Product(url)
    try:
        yield product
    finally:
        product.close()


def _config(thread_id: str) -> Any:
    return {"configurable": {"thread_id": thread_id, "user_id": f"customer-of-{thread_id}"}}
