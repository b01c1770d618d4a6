"""Runbooks that are whole: one of every kind of step, and every field."""

from __future__ import annotations

FULL = """\
version: 1
id: full
title: Everything a runbook can say
service: shop
lock: shop-db
owners: [shop-team]
requires:
  commands: [deployctl, queuectl, pagectl, bash]
  versions:
    kubectl: {argv: [kubectl, version, --client], at_least: "1.28", pattern: "v([0-9.]+)"}
  env: [KUBECONFIG]
  secrets: [SHOP_TOKEN, PD_KEY]
params:
  region: {title: Which region, enum: [eu, us], default: eu}
  batch: {type: integer, default: "100"}
  careful: {type: boolean, default: "true"}
  password: {secret: true, pattern: "[a-z]{12,}"}
probes: [shop-front, queue-empty]
recovery: {probes: [shop-front], hold: 10m, downstream: [shop-front], quotas: [queue-empty]}
steps:
  - id: announce
    title: Say who leads
    section: contain
    manual: |
      Say it in the channel:
        - who leads
    role: incident_commander
    broadcast: Somebody is on it
  - id: find
    title: Find the release that serves
    section: contain
    effect: read
    confirm: none
    command:
      argv: [deployctl, current, --region, {param: region}]
      workdir: /srv/shop
      env: {DEPLOY_TOKEN: {param: password}}
      success_codes: [0, 3]
    outputs:
      release: {pattern: "serving ([a-z0-9]+)"}
      other: {line: last}
      deep: {json: items.0.id}
    retries: {times: 2, pause: 5s}
  - id: way
    title: Fix or revert
    section: contain
    choose:
      question: Is the fix known?
      timebox: 5m
      options:
        - {id: fix, title: Fix it forward, goto: scale}
        - {id: revert, title: Revert, skip: [scale]}
        - {id: again, title: Look again, goto: find}
  - id: scale
    title: Scale out
    section: contain
    when: {chosen: way, is: fix}
    effect: write
    http:
      method: POST
      url: https://api.example.com/scale
      headers: {Authorization: {env: SHOP_TOKEN}, X-Region: {param: region}}
      json: {release: {output: find.release}, count: {param: batch}}
      expect: [202]
    idempotent: true
    retries: {times: 3}
    check: {argv: [deployctl, scaled]}
    verify: {probe: shop-front, within: 3m, hold: 30s, settle: 10s}
    rollback: {http: {method: DELETE, url: "https://api.example.com/scale"}}
    approve: {people: 2, role: operations}
    on_failure: continue
  - id: back
    title: Go back to an older release
    section: contain
    when:
      - {param: region, is_not: us}
      - {output: find.release, matches: "^[a-z]"}
    ladder:
      verify: {probe: shop-front}
      releases:
        current: {argv: [deployctl, current]}
        list: {argv: [deployctl, releases]}
        apply: {argv: [deployctl, apply, {target: id}], timeout: 5m, kill_grace: 30s, pty: true}
        at_least: 1
        at_most: 3
      exhausted:
        whom: the database people
        pagerduty: {routing_key: {env: PD_KEY}, summary: The shop is down}
  - id: rungs
    title: Go back step by step
    section: contain
    ladder:
      verify: {probe: shop-front}
      rungs:
        - id: flag
          title: Turn off the flag
          look: {argv: [deployctl, flags]}
          apply: {argv: [deployctl, flag, "off"]}
          rollback: {command: [deployctl, flag, "on"], check: {argv: [deployctl, flags]}}
        - id: data
          title: Restore the table
          apply: {argv: [deployctl, restore]}
          effect: destructive
          irreversible: what was written since is lost
          verify: {probe: queue-empty, within: 10m}
  - id: drain
    title: Drain the queue in batches
    section: verify
    effect: destructive
    confirm: type
    repeat:
      command: {run: "queuectl drain \\"$BATCH\\"", env: {BATCH: {param: batch}}, shell: [bash, -eu, -c]}
      until: {probe: queue-empty, hold: 10s}
      at_most: 50
      pause: 2s
    irreversible: drained orders are entered again by hand
  - id: watch
    title: Watch the recovery
    section: verify
    wait: {for: 15m, watch: [shop-front]}
  - id: careful
    title: Compare the books
    section: reconcile
    when: {param: careful, is: "true"}
    manual: Compare the books of before and after
  - id: call
    title: Call the owner
    section: follow_up
    escalate: {whom: the owner, command: {argv: [pagectl, call, owner]}}
  - id: tell
    title: Tell the channel
    section: follow_up
    escalate: {whom: everybody, message: It is over}
"""

RUNGS = """\
version: 1
id: rungs
title: Two rungs
requires: {commands: [ctl]}
steps:
  - id: restore
    title: Go back
    ladder:
      verify: {probe: front}
      rungs:
        - {id: one, title: One, apply: {argv: [ctl, one]}, rollback: {command: [ctl, undo-one]}}
        - {id: two, title: Two, apply: {argv: [ctl, two]}, irreversible: it is gone}
"""

PART = """\
version: 1
id: part
title: A part
requires: {commands: [partctl], env: [PART]}
params:
  region: {title: Which region, enum: [eu, us], default: eu}
probes: [part-probe, part-quota]
recovery: {quotas: [part-quota]}
steps:
  - id: read
    title: Read it
    effect: read
    command: {argv: [partctl, read, {param: region}]}
    outputs: {name: {line: first}}
  - id: choice
    title: Choose
    choose:
      question: Which?
      options:
        - {id: here, title: Here, goto: act}
        - {id: there, title: There, skip: [act]}
  - id: act
    title: Do it
    when: {chosen: choice, is: here}
    effect: write
    command: {argv: [partctl, act, {output: read.name}]}
    verify: {probe: part-probe}
    rollback: {command: [partctl, undo, {output: read.name}]}
"""
