"""The beginning of a drill of one's own: a scenario and its runbook, which can be played as they are."""

from __future__ import annotations

from pathlib import Path


def skeleton(name: str, directory: Path) -> dict[Path, str]:
    """The files of a new drill, by where they are to be."""
    runbook = directory / "runbooks" / f"{name}.yaml"
    return {
        directory / f"{name}.yaml": _SCENARIO.replace("NAME", name),
        runbook: _RUNBOOK.replace("NAME", name),
    }


_SCENARIO = """\
# yaml-language-server: $schema=./scenario.schema.json
# A deploy breaks the shop; going back helps. Change it into your own outage: `cockpit drill lint NAME.yaml` says what
# does not hold together, `cockpit drill ./NAME.yaml --play good --speed 60` plays it. The schema for your editor:
# `cockpit drill schema > scenario.schema.json`. Times count from T0. `fact` says of each word and mark whether it is
# known from a real incident (original) or made up (invented).
version: 1
id: NAME
title: The shop answers with errors
summary: A deploy breaks the shop.
learn:
  - After each step back somebody looks whether it helped.
runbook: NAME
t0: "10:00"
lead: 1m
lasts: 60m

services:
  - name: shop
    title: Shop
    state: {release: good, cache: warm}
    probes:
      - {name: shop-front, path: /shop, kind: synthetic}

faults:
  - {at: 0m, sets: {shop.release: bad}}

endpoints:
  - path: /shop
    rules:
      - when: {shop.release: bad}
        status: 500
        json: {error: no template}
      - json: {status: ok}

tools:
  deployctl:
    usage: [rollback SERVICE, restart SERVICE, hide SERVICE]

actions:
  - command: [deployctl, rollback, shop]
    takes: 2m
    says: [going back to the release before, shop runs the release before]
    sets: {shop.release: good}
  - command: [deployctl, restart, shop]
    takes: 1m
    says: [restarting, restarted]
    sets: {shop.cache: cold}
  - command: [deployctl, hide, shop]
    takes: 10s
    says: [the shop shows yesterday's page to everybody]
    sets: {shop.release: hidden}
    side_effects: [orders of the day are lost]

changes:
  - {at: 0m, id: d-1, kind: deploy, what: new front page, service: shop, who: dev-1, reviewed: true, fact: invented}

injects:
  - {at: 2m, source: page, text: Shop answers with errors, fact: invented}

criteria:
  mitigated:
    - {shop.release: [good, hidden]}
  resolved: {shop.release: good}
  verified: shop-front
  quiet: 5m

story:
  - {minute: 0, text: A new front page is deployed, fact: invented}
  - {minute: 20, text: It is rolled back, fact: invented}

plays:
  good:
    title: Declares, goes back, looks whether it helped, watches
    kind: good
    ending: {text: The shop works and was watched, mitigated: true, resolved: truly, holds: {shop.release: good}}
    marks:
      declared: {minute: 3, fact: invented}
      mitigated: {minute: 6, fact: invented}
      resolved: {minute: 13, fact: invented}
    moves:
      - when: {minute: 2.5, down: [shop-front]}
        do: declare
        with: {title: The shop answers with errors, severity: SEV2}
      - when: {open: true}
        do: take_role
        with: {role: incident_commander}
      - do: update
        with: {know: The shop answers with errors., doing: Going back to the release before.}
      - do: start_run
        with: {runbook: NAME}
      - when: {offered: back}
        do: confirm
        with: {step: back}
      - when: {offered: watch}
        do: finish_step
        with: {step: watch}
      - when: {finished: true, up: [shop-front]}
        within: 20m
        do: resolve
        with: {note: The release before runs; five minutes without a bad sample}

  original:
    title: What your team did
    kind: original
    ending: {text: The shop works after 20 minutes, mitigated: true, resolved: falsely}
    marks:
      mitigated: {minute: 22, fact: invented}
    moves:
      - when: {minute: 2.5, down: [shop-front]}
        do: declare
        with: {title: The shop answers with errors, severity: SEV2}
      - when: {minute: 20}
        by_hand: [deployctl, rollback, shop]
      - when: {up: [shop-front]}
        do: resolve
        with: {note: Rolled back, override: Nobody watched}

  hide:
    title: Shows an old page, which recovers and does harm
    ending:
      text: The errors are gone and so are the orders
      mitigated: true
      side_effects: [orders of the day are lost]
    moves:
      - when: {minute: 3}
        by_hand: [deployctl, hide, shop]
"""

_RUNBOOK = """\
# yaml-language-server: $schema=./runbook.schema.json
# Go back one release when the shop answers with errors.
version: 1
id: NAME
title: Go back one release of the shop
service: shop
lock: shop
owners: [shop-team]
requires:
  commands: [deployctl]
  env: [COCKPIT_DRILL_URL]
probes: [shop-front]
recovery:
  probes: [shop-front]
  hold: 5m
steps:
  - id: back
    title: Go back to the release before
    command: {argv: [deployctl, rollback, shop], timeout: 5m}
    effect: write
    irreversible: the release that broke the shop is not to come back
    verify: {probe: shop-front, within: 3m, hold: 20s}
  - id: watch
    title: Watch the shop for five minutes
    wait: {for: 5m, watch: [shop-front]}
"""
