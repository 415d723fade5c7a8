"""Keyword hits of a text: what the product logs in place of the text itself."""

from pathlib import Path

import pytest

from emitter.keywords import Keywords, keyword_hits

ROOT = Path(__file__).resolve().parents[2]


def test_shipped_lists_are_those_of_the_seed():
    """The seed is the one to edit; `make reference` copies it."""
    shipped = (ROOT / "emitter" / "hub_keywords.csv").read_bytes()
    assert shipped == (ROOT / "seeds" / "parameters" / "hub_keywords.csv").read_bytes()


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("", []),
        ("What is the price?", ["price"]),
        ("PRICE, Price and price", ["price"]),
        ("moq and quote and price", ["price", "quote", "moq"]),
        ("A download of prices, a priceless quotebook", []),
        ("price2 price_list", ["price"]),
        ("请报价", ["报价"]),
        ("请报price价", ["price"]),
        ("退货price", ["price", "退货"]),
        ("\uff50\uff32\uff49\uff43\uff45 in full width", ["price"]),
        ("a spare\n  part, please", ["spare part"]),
        ("sparepart", []),
        ("You won the LOTTERY", ["lottery"]),
    ],
)
def test_words_of_all_lists_are_found_in_a_text(text, hits):
    assert keyword_hits(text) == hits


def test_a_company_names_its_own_lists(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("\ufeffkeyword,keyword_list,points\nC++,pre_sales,10\nGroße Menge,bizdev,20\n,bizdev,1\n", "utf-8")
    own = Keywords.read(path)
    assert own.hits("c++! a GROSSE  MENGE of price") == ["C++", "Große Menge"]
    assert own.hits("xc++ c++x") == ["C++"]


def test_a_file_without_keywords_is_refused(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("word\nprice\n", "utf-8")
    with pytest.raises(KeyError, match="keyword"):
        Keywords.read(path)
