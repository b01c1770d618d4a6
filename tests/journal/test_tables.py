from __future__ import annotations

from typing import Any

from sqlalchemy import create_mock_engine
from sqlalchemy.schema import ExecutableDDLElement

from cockpit.journal import tables


def test_the_tables_are_made_for_postgresql_too() -> None:
    made: list[str] = []

    def keep(statement: ExecutableDDLElement, *_: Any, **__: Any) -> None:
        made.append(str(statement.compile(dialect=engine.dialect)))

    engine = create_mock_engine("postgresql+psycopg://", keep)
    tables.metadata.create_all(engine, checkfirst=False)
    text = "\n".join(made)
    for table in tables.metadata.sorted_tables:
        assert f"CREATE TABLE {table.name} " in text
    assert "ROWID" not in text and "AUTOINCREMENT" not in text
    assert "id SERIAL" in text
