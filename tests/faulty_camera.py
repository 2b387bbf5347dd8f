"""A real RTSP camera behind a proxy that makes the faults of the world: for tests/reliability.py."""
import random
import socket
import struct
import threading
import time

KINDS = ("dead", "refused", "stalled", "garbage", "size", "codec", "clock", "slow", "reset")


class FaultyCamera:
    """Forwards one port to the first of `cameras`: the second sends another picture size, the third another codec. Its faults begin and end by call."""

    def __init__(self, cameras):
        self.cameras, self.upstream = cameras, 0
        self.mode, self.clock = "", 0
        self.connections, self.lock = set(), threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def close(self):
        self.listener.close()
        self.reset()

    def accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            if self.mode == "dead":  # takes the connection and never says a word
                with self.lock:
                    self.connections.add(client)
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self.cameras[self.upstream].port))
            except OSError:
                client.close()
                continue
            with self.lock:
                self.connections |= {client, server}
            threading.Thread(target=self.forward, args=(client, server), daemon=True).start()
            threading.Thread(target=self.send_on, args=(server, client), daemon=True).start()

    def forward(self, client, server):
        try:
            while data := client.recv(65536):
                server.sendall(data)
        except OSError:
            pass
        self.drop(client, server)

    def send_on(self, server, client):
        """What the camera says: RTSP text, and RTP between (RFC 2326, 10.12), whose times the fault `clock` shifts."""
        buffer = b""
        try:
            while data := server.recv(65536):
                while self.mode == "stalled":
                    time.sleep(0.05)
                if self.mode == "slow":
                    time.sleep(0.4)
                buffer += data
                out, buffer = self.shifted(buffer)
                client.sendall(out)
        except OSError:
            pass
        self.drop(client, server)

    def shifted(self, data):
        out = b""
        while data.startswith(b"$") and len(data) >= 4:
            length = 4 + int.from_bytes(data[2:4], "big")
            if len(data) < length:
                return out, data
            frame, data = bytearray(data[:length]), data[length:]
            if frame[1] == 0 and length >= 16 and self.clock:
                stamp = (int.from_bytes(frame[8:12], "big") + self.clock) & 0xFFFFFFFF
                frame[8:12] = stamp.to_bytes(4, "big")
            out += bytes(frame)
        return (out, data) if data.startswith(b"$") else (out + data, b"")

    def drop(self, *connections):
        with self.lock:
            self.connections -= set(connections)
        for c in connections:
            # Closing alone would leave it open while another thread waits for its bytes.
            try:
                c.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            c.close()

    def reset(self):
        with self.lock:
            connections, self.connections = self.connections, set()
        for c in connections:
            try:
                c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                c.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            c.close()

    def begin(self, kind):
        if kind in ("dead", "stalled", "slow"):
            self.mode = kind
            if kind == "dead":
                self.reset()
        elif kind == "refused":
            self.listener.shutdown(socket.SHUT_RDWR)  # wakes who accepts, so that the port is free
            self.listener.close()
            self.reset()
        elif kind == "garbage":
            with self.lock:
                connections = list(self.connections)
            for c in connections:
                try:
                    c.sendall(random.randbytes(3000))
                except OSError:
                    pass
        elif kind in ("size", "codec"):
            other = 1 if kind == "size" else 2
            self.upstream = 0 if self.upstream == other else other
            self.reset()
        elif kind == "clock":
            self.clock = (self.clock + random.randrange(1, 1 << 31)) & 0xFFFFFFFF
        else:
            self.reset()

    def end(self, kind):
        self.mode = ""
        if kind == "refused":
            while True:
                try:
                    self.listener = socket.create_server(("127.0.0.1", self.port))
                    break
                except OSError:  # somebody's connection has it just now
                    time.sleep(0.05)
            threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()
        elif kind in ("stalled", "dead"):
            self.reset()
