#!/usr/bin/env python3
"""Send the rows of a bookings.csv to a running Roomkey, and see that each gets its room.

    docs/send-bookings.py bookings.csv --roomkey http://127.0.0.1:8080 --api-key rk_… \\
        --sandbox http://127.0.0.1:8081 --limit 200

Nothing but Python 3 is needed. Running it again changes nothing: each booking is sent with PUT under its own
external_id. Hosts and services that are missing are made first. With --sandbox the hosts get a licence at the
stand-in for Zoom, and what is there afterwards is compared with what was booked, meeting by meeting.

Columns: external_id, host_name, host_email, host_time_zone, service, mode, start, end or duration_minutes,
time_zone, guest_name, guest_email, guest_phone, guest_locale, status, notes. A start or end has an offset, or
ends in Z, or is local in time_zone; a local time that occurs twice, when clocks go back, is the first.

Ends with 0 if everything is as it should be, 1 if not, 2 if it was called wrongly.
"""

import argparse
import csv
import http.client
import json
import os
import re
import sys
import threading
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo


class Refused(Exception):
    """An answer that is none of the wanted ones."""


class Server:
    """Speaks JSON with one server, over one connection for each thread."""

    def __init__(self, root, api_key=None):
        parts = urlsplit(root)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Refused(f"{root} is no address such as http://127.0.0.1:8080")
        self.parts = parts
        self.headers = {"content-type": "application/json", "accept": "application/json"}
        if api_key:
            self.headers["authorization"] = f"Bearer {api_key}"
        self.mine = threading.local()

    def call(self, method, path, body=None, fine=(200, 201, 204)):
        """Asks once; waits where the server says it is too much, and asks again."""
        payload = None if body is None else json.dumps(body).encode()
        while True:
            status, headers, answer = self.ask(method, path, payload)
            if status == 429:
                time.sleep(float(headers.get("retry-after") or 1))
                continue
            if status not in fine:
                raise Refused(f"{method} {path}: {status} {words(answer)}")
            return status, answer

    def ask(self, method, path, payload):
        for last in (False, True):
            connection = getattr(self.mine, "connection", None)
            if connection is None:
                secure = self.parts.scheme == "https"
                kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
                connection = self.mine.connection = kind(
                    self.parts.hostname, self.parts.port, timeout=60)
            try:
                connection.request(method, self.parts.path.rstrip("/") + path, payload, self.headers)
                answer = connection.getresponse()
                text = answer.read()
                return answer.status, answer.headers, json.loads(text) if text.strip() else None
            except (OSError, http.client.HTTPException) as error:
                # The server may have closed a connection that was idle. PUT and GET may be repeated.
                connection.close()
                self.mine.connection = None
                if last or method == "POST":
                    raise Refused(f"{method} {path}: {error or type(error).__name__}") from error


def words(answer):
    """What a problem says."""
    if not isinstance(answer, dict):
        return answer
    members = "; ".join(f"{it.get('pointer')} {it.get('message')}" for it in answer.get("errors") or [])
    return " ".join(str(it) for it in (answer.get("detail") or answer, members) if it)


def instant(text, zone):
    """Reads one of the three forms."""
    read = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    # fold=0: of a local time that occurs twice, the first.
    return read if read.tzinfo else read.replace(tzinfo=ZoneInfo(zone), fold=0)


def years_later(moment, years):
    """The same time on the wall so many years later; 29 February becomes the 28th."""
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:
        return moment.replace(year=moment.year + years, day=28)


def times(row, now):
    """Start and end as instants, moved by whole years if the start is past."""
    local = instant(row["start"], row["time_zone"])
    years = 0
    while years_later(local, years) <= now + timedelta(hours=1):
        years += 1
    if row["end"]:
        end = years_later(instant(row["end"], row["time_zone"]), years).astimezone(timezone.utc)
        start = years_later(local, years).astimezone(timezone.utc)
    else:
        start = years_later(local, years).astimezone(timezone.utc)
        end = start + timedelta(minutes=int(row["duration_minutes"]))
    return start, end, years


def written(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def name_of(text):
    """An external id made of a name: `Piano; advanced` is `piano-advanced`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or quote(text)


def booking(row, start, end):
    guest = {"name": row["guest_name"], "email": row["guest_email"], "time_zone": row["time_zone"]}
    for member in ("phone", "locale"):
        if row[f"guest_{member}"]:
            guest[member] = row[f"guest_{member}"]
    return {
        "service": f"ext:{name_of(row['service'])}",
        "host": f"ext:{row['host_email']}",
        "mode": row["mode"],
        "status": row["status"],
        "start": written(start),
        "end": written(end),
        "time_zone": row["time_zone"],
        "notes": row["notes"] or None,
        "guests": [guest],
    }


def make_hosts_and_services(roomkey, rows):
    hosts = {row["host_email"]: row for row in rows}
    services = {}
    for row in rows:
        services.setdefault(row["service"], row)
    for email, row in hosts.items():
        roomkey.call("POST", "/v1/hosts", {
            "external_id": email, "name": row["host_name"], "email": email,
            "time_zone": row["host_time_zone"], "accounts": {"zoom": email},
        }, fine=(200, 201, 409))
    for name, row in services.items():
        minutes = int(row["duration_minutes"] or 60)
        roomkey.call("POST", "/v1/services", {
            "external_id": name_of(name), "name": name, "mode": row["mode"], "duration_minutes": minutes,
        }, fine=(200, 201, 409))
    return sorted(hosts), sorted(services)


def in_parallel(work, items, workers):
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(work, items))


def path_of(row):
    return f"/v1/bookings/ext:{quote(row['external_id'], safe='')}"


def wants_room(row):
    return row["mode"] == "online" and row["status"] == "confirmed"


def wait(roomkey, rows, patience, workers):
    """Asks until every meeting is as it should be, or patience ends; the bookings as they are then."""
    wanted = {row["external_id"]: ({"active"} if wants_room(row) else {"pending", "not_needed", "cancelled"})
              for row in rows}
    seen, left, done, until = {}, list(rows), 0, time.monotonic() + patience
    while left:
        answers = in_parallel(lambda row: roomkey.call("GET", path_of(row))[1], left, workers)
        for row, answer in zip(left, answers):
            seen[row["external_id"]] = answer
        left = [row for row in left
                if seen[row["external_id"]]["meeting"]["status"] not in wanted[row["external_id"]]]
        done = len(rows) - len(left)
        if sys.stdout.isatty():
            say(f"\r  {done} of {len(rows)} bookings are as they should be", end="")
        if not left or time.monotonic() > until:
            break
        time.sleep(0.3)
    start_of_line = "\r" if sys.stdout.isatty() else ""
    say(f"{start_of_line}  {done} of {len(rows)} bookings are as they should be")
    return seen, left


def compare_with_zoom(sandbox, hosts, rows, seen, sent):
    """Every difference between what was booked and what exists at Zoom."""
    _, state = sandbox.call("GET", "/_sandbox/state")
    ours = [meeting for account in state["zoom"]["accounts"] for meeting in account["meetings"]
            if meeting["host_email"] in hosts]
    by_number = {str(meeting["id"]): meeting for meeting in ours}
    wrong, expected = [], {}
    for row in rows:
        if not wants_room(row):
            continue
        name, meeting = row["external_id"], seen[row["external_id"]]["meeting"]
        number = re.sub(r"\D", "", meeting.get("number") or "")
        there = by_number.get(number)
        if there is None:
            wrong.append(f"{name}: there is no meeting {number or '(none)'} at Zoom")
            continue
        if number in expected:
            wrong.append(f"{name}: shares the meeting {number} with {expected[number]}")
        expected[number] = name
        start = datetime.fromisoformat(there["start_time"].replace("Z", "+00:00"))
        if written(start) != sent[name]["start"]:
            wrong.append(f"{name}: starts at {there['start_time']} at Zoom, not at {sent[name]['start']}")
        if there["host_email"] != row["host_email"]:
            wrong.append(f"{name}: is {there['host_email']}'s at Zoom, not {row['host_email']}'s")
    for number, meeting in by_number.items():
        if number not in expected:
            wrong.append(f"meeting {number} of {meeting['host_email']} at {meeting.get('start_time')} is nobody's")
    return len(ours), wrong


def say(text="", end="\n"):
    print(text, end=end, flush=True)


def read(path, limit):
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    missing = {"external_id", "host_email", "service", "mode", "start", "time_zone"} - set(rows[0] if rows else ())
    if missing:
        raise Refused(f"{path} lacks the columns {', '.join(sorted(missing))}")
    return rows[:limit] if limit else rows


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n", 1)[0], epilog=__doc__.split("\n\n", 2)[2],
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", help="a bookings.csv")
    parser.add_argument("--roomkey", default="http://127.0.0.1:8080", metavar="URL")
    parser.add_argument("--api-key", default=os.environ.get("API_KEY"), metavar="KEY", help="or $API_KEY")
    parser.add_argument("--sandbox", metavar="URL", help="license the hosts there, and compare afterwards")
    parser.add_argument("--account", default="acc-1", help="the Zoom account at the sandbox [acc-1]")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N rows")
    parser.add_argument("--wait", type=float, default=180, metavar="SECONDS", help="for all rooms [180]")
    parser.add_argument("--workers", type=int, default=8, metavar="N", help="calls at a time [8]")
    given = parser.parse_args()
    if not given.api_key:
        parser.error("--api-key is needed; `roomkey demo` prints one, and so does `roomkey tenant add`")
    return given


def main():
    given = arguments()
    rows = read(given.file, given.limit)
    roomkey = Server(given.roomkey, given.api_key)
    sandbox = Server(given.sandbox) if given.sandbox else None
    now = datetime.now(timezone.utc)

    hosts, services = make_hosts_and_services(roomkey, rows)
    say(f"  {len(hosts)} hosts and {len(services)} services are there")
    if sandbox:
        users = [{"email": host, "licensed": True} for host in hosts]
        sandbox.call("POST", "/_sandbox/accounts",
                     {"vendor": "zoom", "account": given.account, "users": users})

    bodies, moved = {}, 0
    for row in rows:
        start, end, years = times(row, now)
        moved += years > 0
        bodies[row["external_id"]] = booking(row, start, end)
    began = time.monotonic()
    statuses = in_parallel(
        lambda row: roomkey.call("PUT", path_of(row), bodies[row["external_id"]])[0], rows, given.workers)
    took = time.monotonic() - began
    say(f"  {len(rows)} bookings sent in {took:.1f} s, {statuses.count(201)} of them new"
        + (f", {moved} moved by whole years because they were past" if moved else ""))

    seen, left = wait(roomkey, rows, given.wait, given.workers)
    wrong = [f"{row['external_id']}: the meeting is {seen[row['external_id']]['meeting']['status']}"
             + (f", {reason['message']}" if (reason := seen[row['external_id']]['meeting']['reason']) else "")
             for row in left]
    active = sum(it["meeting"]["status"] == "active" for it in seen.values())
    say(f"  {active} meetings are active, of {sum(map(wants_room, rows))} confirmed online bookings")
    if sandbox:
        there, differences = compare_with_zoom(sandbox, set(hosts), rows, seen, bodies)
        say(f"  {there} meetings of these hosts exist at Zoom")
        wrong += differences
    for line in wrong[:20]:
        say(f"  WRONG {line}")
    if len(wrong) > 20:
        say(f"  WRONG and {len(wrong) - 20} more")
    if wrong:
        say(f"Something is wrong: {len(wrong)} differences.")
        return 1
    say("All is well: each confirmed online booking has its one room"
        + (", at the right time and under the right host, and there is none else." if sandbox else "."))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Refused, OSError, ValueError, KeyError) as error:
        print(f"send-bookings: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
