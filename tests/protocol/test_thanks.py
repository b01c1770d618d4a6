from __future__ import annotations

from cockpit.protocol.thanks import FAREWELL, thanks


def test_who_stays_is_named_with_what_for_and_everybody_else_is_thanked() -> None:
    words = "ada (database) and bob stay. Thank you, everyone else: you may leave, follow here."
    assert thanks([("ada", "database"), ("bob", "")]) == words
    assert thanks([("ada", "lead")]).startswith("ada (lead) stays. ")


def test_of_sixty_who_stay_the_first_are_named_and_the_thanks_are_never_cut() -> None:
    words = thanks([(f"responder-{number}-{'x' * 99}", "y" * 160) for number in range(60)])
    assert words.endswith(f" and 54 more stay. {FAREWELL}")
    assert len(words) < 600 and words.count("…") == 12
