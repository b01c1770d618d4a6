"""Gatus endpoints to probes."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from cockpit.importing.durations import ours, seconds
from cockpit.importing.secrets import headers
from cockpit.importing.source import Carried, Foreign, Lined, name_of

_CONDITION = re.compile(r"^\s*(.+?)\s*(==|!=|<=|>=|<|>)\s*(.+?)\s*$")
_BODY = re.compile(r"^\[BODY\]\.?(.*)$")
_CALL = re.compile(r"^(has|len|any|pat)\((.*)\)$")
_ALSO_WATCHED = {"external-endpoints", "suites"}
_READ = frozenset({
    "name", "group", "url", "method", "headers", "body", "conditions", "interval", "client", "alerts", "dns", "enabled",
    "ui", "extra-labels",
})  # fmt: skip
_CLIENT = frozenset({"timeout", "insecure", "ignore-redirect"})
_METHODS = {"GET", "HEAD", "POST", "PUT", "OPTIONS"}


def carry(foreign: Foreign, carried: Carried) -> None:
    """Every endpoint as a probe; its group is its service."""
    for word in sorted(foreign.data.keys() & _ALSO_WATCHED):
        carried.note(foreign.path, 1, f"{word} were left out: only endpoints can be read")
    for endpoint in foreign.data.get("endpoints") or ():
        with carried.reading(foreign.path, endpoint, "an endpoint"):
            if endpoint.get("enabled", True) is False:
                carried.note(foreign.path, endpoint.line, f"{endpoint.get('name')}: is not enabled, and was left out")
                continue
            carried.unread(foreign.path, endpoint, endpoint.get("name"), _READ)
            if isinstance(client := endpoint.get("client"), Lined):
                carried.unread(foreign.path, client, f"{endpoint.get('name')}: client", _CLIENT)
            _Endpoint(foreign.path, endpoint, carried).carry()


class _Endpoint:
    def __init__(self, path: str, raw: Lined, carried: Carried) -> None:
        self._path = path
        self._raw = raw
        self._carried = carried
        self._name = name_of(str(raw.get("name", "unnamed")))
        self._statuses: list[int | str] = []
        self._conditions: list[dict[str, Any]] = []
        self._certificate_days: float | None = None

    def carry(self) -> None:
        made = self._measured()
        if made is None:
            return
        probe = {"name": self._name, **made, **self._pace()}
        self._carried.add(
            name_of(str(self._raw.get("group") or self._raw.get("name", "unnamed"))), probe, self._path, self._raw.line
        )

    def _note(self, message: str, mend: str = "") -> None:
        self._carried.note(self._path, self._raw.line, f"{self._raw.get('name')}: {message}", mend)

    def _measured(self) -> dict[str, Any] | None:
        for condition in self._raw.get("conditions") or ():
            self._take(str(condition))
        url = str(self._raw.get("url", ""))
        scheme = urlsplit(url).scheme
        if isinstance(self._raw.get("dns"), Lined):
            return self._dns(url, self._raw["dns"])
        if scheme in {"http", "https"}:
            return self._http(url)
        if scheme in {"tcp", "tls"} and urlsplit(url).port:
            return self._port(scheme, f"{urlsplit(url).hostname}:{urlsplit(url).port}")
        self._note(f"{scheme or 'no'} address: there is no probe of ours for it", "probe it by a command")
        return None

    def _http(self, url: str) -> dict[str, Any]:
        made: dict[str, Any] = {"url": url}
        method = str(self._raw.get("method", "GET")).upper()
        if method in _METHODS:
            made |= {"method": method} if method != "GET" else {}
        else:
            self._note(f"method {method} is not one of ours")
        if isinstance(found := self._raw.get("headers"), Lined):
            made["headers"] = headers(found, self._name, self._carried, self._path, self._raw.line)
        if body := self._raw.get("body"):
            made["body"] = str(body)
        client = self._raw.get("client") or {}
        if client.get("insecure"):
            self._note("client.insecure: we always verify certificates", "name its authority in tls.ca_file")
        if client.get("ignore-redirect") is not True:
            made["follow_redirects"] = True
        if self._statuses:
            made["valid_status_codes"] = self._statuses
        if self._certificate_days is not None:
            self._conditions.append({"certificate_days_above": self._certificate_days})
        # Gatus looks at nothing but the conditions.
        return made | {"health_format": "none"} | ({"conditions": self._conditions} if self._conditions else {})

    def _port(self, scheme: str, address: str) -> dict[str, Any]:
        if self._conditions or self._statuses:
            self._note("conditions on a body or status mean nothing for a port, and were left out")
        made: dict[str, Any] = {"type": scheme, "address": address}
        if scheme == "tls" and self._certificate_days is not None:
            made |= {"crit_days": self._certificate_days, "warn_days": max(21, self._certificate_days)}
        return made

    def _dns(self, url: str, dns: Lined) -> dict[str, Any]:
        server = url.removeprefix("udp://").removeprefix("tcp://")
        made: dict[str, Any] = {"type": "dns", "query": str(dns.get("query-name", "")).rstrip(".")}
        made["server"] = server if ":" in server else f"{server}:53"
        if record := str(dns.get("query-type", "A")):
            made["record"] = record
        expected = [str(each["equals"]) for each in self._conditions if each.get("json") == ""]
        return made | ({"expect": expected} if expected else {})

    def _pace(self) -> dict[str, Any]:
        made: dict[str, Any] = {}
        interval = seconds(str(self._raw.get("interval", "60s"))) or 60.0
        made["interval"] = ours(interval)
        timeout = seconds(str((self._raw.get("client") or {}).get("timeout", "10s"))) or 10.0
        made["timeout"] = ours(min(timeout, interval))
        alerts = [alert for alert in self._raw.get("alerts") or () if isinstance(alert, Lined)]
        for ours_word, theirs in (("failures", "failure-threshold"), ("successes", "success-threshold")):
            thresholds = [alert[theirs] for alert in alerts if isinstance(alert.get(theirs), int)]
            if thresholds:
                made[ours_word] = min(20, max(1, min(thresholds)))
        return made

    def _take(self, condition: str) -> None:
        """Put one condition where it belongs in our words, or note it."""
        match = _CONDITION.match(condition)
        if match is None or not self._put(*match.groups()):
            self._note(f"condition `{condition}` has no counterpart", "see conditions in config.example.yaml")

    def _put(self, left: str, operator: str, right: str) -> bool:
        if left == "[STATUS]":
            return self._status(operator, right)
        if left == "[RESPONSE_TIME]" and operator in {"<", "<="} and right.isdecimal():
            self._conditions.append({"response_time_below": f"{right}ms"})
            return True
        if left == "[CERTIFICATE_EXPIRATION]" and operator in {">", ">="} and (left_over := seconds(right)):
            self._certificate_days = left_over / 86400
            return True
        if left == "[CONNECTED]" or (left == "[DNS_RCODE]" and right == "NOERROR"):
            return operator == "=="
        if (call := _CALL.match(left)) and call[1] == "has" and (body := _BODY.match(call[2])):
            if operator == "==":
                self._conditions.append({"json": _dotted(body[1]), "exists": right == "true"})
            return operator == "=="
        if body := _BODY.match(left):
            return self._body(body[1], operator, right)
        return False

    def _status(self, operator: str, right: str) -> bool:
        codes = _several(right)
        if operator == "==" and all(code.isdecimal() for code in codes):
            self._statuses += [int(code) for code in codes]
            return True
        if operator in {"<", "<="} and right in {"300", "299", "400", "399"}:
            self._statuses += ["2xx"] if right in {"300", "299"} else ["2xx", "3xx"]
            return True
        return False

    def _body(self, path: str, operator: str, right: str) -> bool:
        if not path and not isinstance(self._raw.get("dns"), Lined):
            return operator == "==" and self._whole_body(right)
        call = _CALL.match(right)
        demand: dict[str, Any] | None = None
        if operator == "==" and call and call[1] == "any":
            demand = {"one_of": [_typed(word) for word in _several(right)]}
        elif operator == "==" and call and call[1] == "pat":
            demand = {"matches": _glob(call[2])}
        elif operator == "==" and not call:
            demand = {"equals": _typed(right)}
        elif operator in {"<", ">"} and isinstance(number := _typed(right), int | float):
            demand = {"below" if operator == "<" else "above": number}
        if demand is None:
            return False
        self._conditions.append({"json": _dotted(path), **demand})
        return True

    def _whole_body(self, right: str) -> bool:
        call = _CALL.match(right)
        if call is None:
            self._conditions.append({"body_matches": f"^{re.escape(right)}$"})
        elif call[1] == "pat":
            inner = call[2].strip("*")
            plain = "*" not in inner and call[2].startswith("*") and call[2].endswith("*")
            self._conditions.append({"body_contains": inner} if plain else {"body_matches": _glob(call[2])})
        else:
            return False
        return True


def _dotted(path: str) -> str:
    """Our path for `[0].name`: a place in a list is a part like any other."""
    return re.sub(r"\[(\d+)\]", r".\1", path).removeprefix(".")


def _several(right: str) -> list[str]:
    call = _CALL.match(right)
    return [word.strip() for word in call[2].split(",")] if call and call[1] == "any" else [right]


def _typed(word: str) -> Any:
    if word in {"true", "false"}:
        return word == "true"
    try:
        return int(word)
    except ValueError:
        pass
    try:
        return float(word)
    except ValueError:
        return word


def _glob(pattern: str) -> str:
    return "^" + ".*".join(re.escape(part) for part in pattern.split("*")) + "$"
