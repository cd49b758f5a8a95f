"""The API against its own description: starts a demo, becomes its clerk, and lets schemathesis send what the description allows and what it
doesn't. No answer may be a server's error, and none may have a status, a type or a form that the description doesn't have.

    tests/contract/run.py [cases an operation]

Needs the program built (CARGO_TARGET_DIR, or SUNVOTE names it) and schemathesis (.ci/setup).
"""

import http.client
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("SUNVOTE") or pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / "sunvote"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance,unsupported_method"


def serve(folder):
    """A demo with three villages on a port that the system chooses; the process and its host."""
    demo = subprocess.Popen(
        [PROGRAM, "demo", "--listen", "127.0.0.1:0", "--data", folder, "--villages", "3", "--begin", "2026-11-16T01:00:00.000Z"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    for line in demo.stdout:
        if found := re.search(r"http://(127\.0\.0\.1:[1-9]\d*)", line):
            return demo, found[1]
    raise SystemExit("the demo ended before it served")


def ask(host, method, path, body=None, cookie=""):
    """One request; its headers and text."""
    connection = http.client.HTTPConnection(host)
    headers = {"Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin", "Cookie": cookie}
    if body is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer.headers, answer.read().decode()


def become_clerk(host):
    """The headers by which the first village's clerk is known."""
    _, page = ask(host, "GET", "/demo")
    village = re.search(r'name="person" value="(\d+)/', page)[1]
    _, page = ask(host, "GET", f"/demo?village={village}&lang=en")
    person = next(button for button in re.findall(r'<button class="person".*?</button>', page, re.S) if "Clerk" in button)
    value = re.search(r'value="([^"]*)"', person)[1]
    headers, _ = ask(host, "POST", "/demo", urllib.parse.urlencode({"person": value, "csrf": "", "next": ""}))
    cookie = headers["Set-Cookie"].split(";")[0]
    _, page = ask(host, "GET", "/tasks", cookie=cookie)
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', page)[1]
    return {"Cookie": cookie, "x-csrf": token, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}


def main():
    cases = sys.argv[1] if len(sys.argv) > 1 else "25"
    with tempfile.TemporaryDirectory() as folder:
        demo, host = serve(folder)
        try:
            headers = [part for name, value in become_clerk(host).items() for part in ("-H", f"{name}: {value}")]
            schemathesis = pathlib.Path(sys.executable).parent / "schemathesis"
            run = [
                schemathesis, "run", f"http://{host}/api/v1/openapi.json", "--checks", CHECKS, "--phases", "examples,coverage,fuzzing",
                "-n", cases, "--continue-on-failure", "--seed", "7", "--warnings", "off", "--generation-database", ":memory:", *headers,
            ]
            return subprocess.run(run, cwd=folder, check=False).returncode
        finally:
            demo.terminate()
            demo.wait()


if __name__ == "__main__":
    sys.exit(main())
