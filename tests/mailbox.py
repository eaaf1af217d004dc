"""A mail server for tests."""

from __future__ import annotations

import socketserver


class Mailbox(socketserver.ThreadingTCPServer):
    """A mail server that takes everything: as much of SMTP as a client needs."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.taken: list[bytes] = []
        self.said: list[bytes] = []
        self.refuses = False


class Conversation(socketserver.StreamRequestHandler):
    server: Mailbox

    def handle(self) -> None:
        self.say(b"220 mailbox")
        while line := self.rfile.readline():
            self.server.said.append(line)
            match line[:4].upper().strip():
                case b"EHLO":
                    self.say(b"250-mailbox\r\n250 AUTH PLAIN")
                case b"AUTH":
                    self.say(b"235 ok")
                case b"RCPT" if self.server.refuses:
                    self.say(b"550 no such person")
                case b"DATA":
                    self.say(b"354 go on")
                    self.server.taken.append(self.until_the_dot())
                    self.say(b"250 ok")
                case b"QUIT":
                    self.say(b"221 bye")
                    return
                case _:
                    self.say(b"250 ok")

    def until_the_dot(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        return b"".join(lines)

    def say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")
