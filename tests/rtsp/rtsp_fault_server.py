#!/usr/bin/env python3
"""A live RTSP camera on loopback that does on request what cameras do when they are ill. Plain Python 3, no packages.

  rtsp_fault_server.py --file film.h264 --port 8554 [--other other.h264] [--mounts cam,cam2] [--fps 10] [--tcp-only]
      [--user u --password p --auth digest|basic] [--mode MODE] [--start gop|idr|now] [--control PORT]

It shows an H.264 film (Annex B, without B frames) over and over, over TCP and UDP, and prints 'ready' and its address.
Each mode holds for all clients. S counts seconds from the client's PLAY, or from the moment that the mode was set:

  normal       a live stream                             other        the film of --other, of another picture size maybe
  stall:S      silence after S; the connection stays     mute         everything is answered, and no picture sent
  drop:S       the connection is closed after S          reset:S      the same with a TCP reset
  eos:S        the stream is ended after S (RTCP BYE)    junk:S       random bytes after S
  corrupt:P    flipped bytes, with probability P of      loss:P       packets missing, with probability P of each
               each packet; never the parameter sets
  gap:S:D      after each S of pictures, D of silence    freeze:S     the same key frame for ever after S
  hang         connections are taken, nothing answered   404, 503     the stream's description is refused

Words to the control port: a mode (stall is stall:0); kick closes all connections; down stops listening too, up listens
again; stat does nothing. Each is answered by one line on how the camera does.
"""
import argparse
import base64
import hashlib
import os
import random
import re
import select
import socket
import struct
import threading
import time

CLOCK = 90000                   # ticks a second of RTP's time stamps for video
LARGEST_PAYLOAD = 1400          # of an RTP packet, so that it fits a network's frames
REPORT_INTERVAL = 5             # seconds between sender reports
SECONDS_1900_TO_1970 = 2208988800
SLICE, KEY_SLICE, SEI, SPS, PPS, DELIMITER, FRAGMENT = 1, 5, 6, 7, 8, 9, 28   # types of NAL units
PAYLOAD_TYPE = 96


def type_of(unit):
    return unit[0] & 31


def is_slice(unit):
    return type_of(unit) in (SLICE, KEY_SLICE)


def is_key(picture):
    return any(type_of(unit) == KEY_SLICE for unit in picture)


class Film:
    """The pictures of a file, each a list of NAL units, and its parameter sets."""

    def __init__(self, path):
        with open(path, 'rb') as file:
            units = [unit for unit in re.split(b'\0\0\0\1|\0\0\1', file.read()) if unit]
        self.sps = next(unit for unit in units if type_of(unit) == SPS)
        self.pps = next(unit for unit in units if type_of(unit) == PPS)
        self.pictures = []
        current = []
        for unit in units:
            # A picture begins with what may stand before slices, or with a slice that holds its first macroblock.
            begins = type_of(unit) in (SEI, SPS, PPS, DELIMITER) or (is_slice(unit) and unit[1] & 0x80)
            if begins and any(is_slice(before) for before in current):
                self.pictures.append(current)
                current = []
            if type_of(unit) != DELIMITER:
                current.append(unit)
        self.pictures.append(current)

    def picture(self, number):
        return self.pictures[number % len(self.pictures)]


class Camera:
    """What all clients share: the films, the mode, and the port."""

    def __init__(self, options):
        self.options = options
        self.films = [Film(path) for path in (options.file, options.other) if path]
        self.mounts = options.mounts.split(',')
        self.nonce = os.urandom(8).hex()
        self.started = time.monotonic()
        self.mode = options.mode
        self.mode_since = self.started
        self.clients = set()
        self.listener = None
        self.frames = 0

    @property
    def film(self):
        return self.films[-1 if self.mode == 'other' else 0]

    def up(self):
        if self.listener is None:
            self.listener = listen(self.options.port)
            threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def down(self):
        self.listener = None
        time.sleep(0.3)         # until accept has seen it and closed the port
        self.kick()

    def kick(self):
        for client in list(self.clients):
            client.close()

    def accept(self, listener):
        while self.listener is listener:
            if select.select([listener], [], [], 0.2)[0] and self.listener is listener:
                connection, _ = listener.accept()
                threading.Thread(target=Client(self, connection).run, daemon=True).start()
        listener.close()

    def obey(self, word):
        """Does what a word says, and tells how the camera does."""
        if word in ('kick', 'down', 'up'):
            getattr(self, word)()
        elif word != 'stat':
            self.mode, self.mode_since = word, time.monotonic()
        over_udp = sum(client.udp is not None for client in self.clients)
        return f'mode={self.mode} clients={len(self.clients)} frames={self.frames} udp={over_udp} listening={self.listener is not None}\n'

    def serve_control(self):
        listener = listen(self.options.control)
        while True:
            connection, _ = listener.accept()
            try:
                connection.settimeout(2)
                connection.sendall(self.obey(connection.recv(100).decode().strip()).encode())
            except OSError:
                pass
            connection.close()


class Client:
    """One connection: its requests, and the stream it is sent."""

    def __init__(self, camera, connection):
        self.camera = camera
        self.options = camera.options
        self.connection = connection
        self.session = os.urandom(4).hex()
        self.is_open = True
        self.sending = threading.Lock()
        self.channels = (0, 1)  # of RTP and RTCP, over TCP
        self.udp = None         # their sockets and the client's ports, over UDP
        self.plays = 0
        self.sequence = self.source = self.first_stamp = 0

    def close(self, reset=False):
        self.is_open = False
        try:
            if reset:           # run() closes it within 0.2 s, and this makes that a reset
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            else:
                self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    # Requests

    def run(self):
        self.camera.clients.add(self)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        received = b''
        try:
            while self.is_open:
                if not select.select([self.connection], [], [], 0.2)[0]:
                    continue
                data = self.connection.recv(65536)
                if not data:
                    break
                if self.camera.mode != 'hang':
                    received = self.answer_all(received + data)
        except (OSError, ValueError):
            pass
        finally:
            self.is_open = False
            self.camera.clients.discard(self)
            self.connection.close()

    def answer_all(self, received):
        """Answers the requests that are complete, and returns the rest."""
        while received:
            if received[:1] == b'$':    # the client's RTCP, which nobody reads
                length = 4 + struct.unpack('>H', received[2:4])[0] if len(received) >= 4 else 4
                if len(received) < length:
                    break
                received = received[length:]
                continue
            end = received.find(b'\r\n\r\n')
            if end < 0:
                break
            lines = received[:end].decode('latin1').split('\r\n')
            fields = {name.lower(): value.strip() for name, value in (line.split(':', 1) for line in lines[1:] if ':' in line)}
            received = received[end + 4 + int(fields.get('content-length', 0)):]
            method, address = lines[0].split()[:2]
            self.answer(method, address, fields)
        return received

    def answer(self, method, address, fields):
        session = f'Session: {self.session};timeout=60\r\n'
        if method == 'OPTIONS':
            self.reply(fields, 'Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER\r\n')
        elif not self.is_authorised(method, fields):
            realm = f'realm="{self.options.realm}"'
            challenge = f'Basic {realm}' if self.options.auth == 'basic' else f'Digest {realm}, nonce="{self.camera.nonce}"'
            self.reply(fields, f'WWW-Authenticate: {challenge}\r\n', '401 Unauthorized')
        elif method == 'DESCRIBE':
            self.describe(address, fields)
        elif method == 'SETUP':
            self.set_up(fields, session)
        elif method == 'PLAY':
            self.play(address, fields, session)
        elif method == 'TEARDOWN':
            self.reply(fields, session)
            self.close()
        elif method in ('GET_PARAMETER', 'SET_PARAMETER'):
            self.reply(fields, session)
        else:
            self.reply(fields, '', '501 Not Implemented')

    def reply(self, fields, head, status='200 OK', body=b''):
        length = f'Content-Length: {len(body)}\r\n' if body else ''
        self.send(f'RTSP/1.0 {status}\r\nCSeq: {fields.get("cseq", 0)}\r\nServer: camera\r\n{head}{length}\r\n'.encode() + body)

    def is_authorised(self, method, fields):
        user, password = self.options.user, self.options.password
        given = fields.get('authorization', '')
        if not user:
            return True
        if self.options.auth == 'basic':
            return given.lower().startswith('basic ') and base64.b64decode(given[6:]) == f'{user}:{password}'.encode()
        if not given.lower().startswith('digest '):
            return False

        def md5(text):
            return hashlib.md5(text.encode()).hexdigest()

        answer = dict(re.findall(r'(\w+)="?([^",]+)"?', given[7:]))
        what = md5(f'{method}:{answer.get("uri", "")}')
        expected = md5(f'{md5(f"{user}:{self.options.realm}:{password}")}:{self.camera.nonce}:{what}')
        return answer.get('username') == user and answer.get('response') == expected

    def describe(self, address, fields):
        path = re.sub(r'^rtsps?://[^/]+/?', '', address).split('?')[0].strip('/')
        if self.camera.mode == '503':
            self.reply(fields, '', '503 Service Unavailable')
        elif self.camera.mode == '404' or path not in self.camera.mounts:
            self.reply(fields, '', '404 Not Found')
        else:
            film = self.camera.film
            sets = ','.join(base64.b64encode(unit).decode() for unit in (film.sps, film.pps))
            body = '\r\n'.join([
                'v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=cam', 'c=IN IP4 0.0.0.0', 't=0 0', 'a=control:*',
                f'm=video 0 RTP/AVP {PAYLOAD_TYPE}', f'a=rtpmap:{PAYLOAD_TYPE} H264/{CLOCK}',
                f'a=fmtp:{PAYLOAD_TYPE} packetization-mode=1;profile-level-id={film.sps[1:4].hex()};sprop-parameter-sets={sets}',
                f'a=framerate:{self.options.fps}', 'a=control:track1', ''])
            head = f'Content-Type: application/sdp\r\nContent-Base: {address.rstrip("/")}/\r\n'
            self.reply(fields, head, body=body.encode())

    def set_up(self, fields, session):
        transport = fields.get('transport', '')
        if 'TCP' in transport:
            channels = re.search(r'interleaved=(\d+)-(\d+)', transport)
            self.channels = (int(channels[1]), int(channels[2])) if channels else (0, 1)
            self.reply(fields, f'{session}Transport: RTP/AVP/TCP;unicast;interleaved={self.channels[0]}-{self.channels[1]}\r\n')
            return
        ports = re.search(r'client_port=(\d+)-(\d+)', transport)
        if not ports or self.options.tcp_only:
            self.reply(fields, '', '461 Unsupported Transport')
            return
        sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
        for each in sockets:
            each.bind(('127.0.0.1', 0))
        self.udp = [(each, ('127.0.0.1', int(port))) for each, port in zip(sockets, ports.groups())]
        own = '-'.join(str(each.getsockname()[1]) for each in sockets)
        self.reply(fields, f'{session}Transport: RTP/AVP;unicast;client_port={ports[1]}-{ports[2]};server_port={own}\r\n')

    def play(self, address, fields, session):
        self.sequence = random.randrange(1 << 16)
        self.first_stamp, self.source = random.randrange(1 << 32), random.randrange(1 << 32)
        info = f'url={address.rstrip("/")}/track1;seq={self.sequence};rtptime={self.first_stamp}'
        self.reply(fields, f'{session}Range: npt=now-\r\nRTP-Info: {info}\r\n')
        self.plays += 1
        threading.Thread(target=self.stream, args=(self.plays,), daemon=True).start()

    # The stream

    def stream(self, play):
        """Sends the film's pictures when they are due, as the mode says, until the connection ends or plays anew."""
        played = time.monotonic()
        number = first = self.first_picture(int((played - self.camera.started) * self.options.fps))
        key = None
        next_report = 0
        try:
            while self.is_open and play == self.plays:
                now = time.monotonic()
                due = self.camera.started + number / self.options.fps
                if due > now:
                    time.sleep(min(due - now, 0.05))
                    continue
                mode, *arguments = self.camera.mode.split(':')
                first_argument = float(arguments[0]) if arguments else 0.0
                elapsed = now - max(played, self.camera.mode_since)
                is_over = elapsed >= first_argument
                number += 1
                if mode == 'mute' or (mode == 'stall' and is_over):
                    continue
                if mode == 'gap' and elapsed % (first_argument + float(arguments[1])) >= first_argument:
                    continue
                if mode in ('drop', 'reset') and is_over:
                    self.close(reset=mode == 'reset')
                    return
                if mode == 'eos' and is_over:
                    self.send_goodbye()
                    return
                if mode == 'junk' and is_over:
                    self.send(os.urandom(20000))
                    continue
                picture = self.camera.film.picture(number - 1)
                if is_key(picture):
                    key = picture
                if mode == 'freeze' and is_over and key:
                    picture = key
                stamp = self.first_stamp + int((number - 1 - first) * CLOCK / self.options.fps)
                if now >= next_report:
                    self.send_report(stamp)
                    next_report = now + REPORT_INTERVAL
                corrupt, loss = (first_argument if mode == fault else 0 for fault in ('corrupt', 'loss'))
                self.send_picture(picture, stamp, corrupt, loss)
                self.camera.frames += 1
        except OSError:
            self.close()

    def first_picture(self, number):
        """Where a client begins: at the last key frame, the next one, or in the middle."""
        step = {'gop': -1, 'idr': 1, 'now': 0}[self.options.start]
        while step and not is_key(self.camera.film.picture(number)):
            number += step
        return number

    def send_picture(self, picture, stamp, corrupt, loss):
        """In RTP packets after RFC 6184: a unit each, or the fragments of a large one."""
        for unit in picture:
            is_last = unit is picture[-1]
            is_safe = type_of(unit) in (SPS, PPS)
            chances = (0, 0) if is_safe else (corrupt, loss)
            if len(unit) <= LARGEST_PAYLOAD:
                self.send_packet(unit, stamp, is_last, *chances)
                continue
            indicator = (unit[0] & 0x60) | FRAGMENT
            size = LARGEST_PAYLOAD - 2
            for start in range(1, len(unit), size):
                ends = start + size >= len(unit)
                header = type_of(unit) | (0x80 if start == 1 else 0) | (0x40 if ends else 0)
                self.send_packet(bytes([indicator, header]) + unit[start:start + size], stamp, is_last and ends, *chances)

    def send_packet(self, payload, stamp, is_marked, corrupt, loss):
        marked_type = PAYLOAD_TYPE | (0x80 if is_marked else 0)
        head = struct.pack('>BBHII', 0x80, marked_type, self.sequence, stamp & 0xffffffff, self.source)
        self.sequence = (self.sequence + 1) & 0xffff
        if random.random() < loss:
            return
        if random.random() < corrupt and len(payload) > 8:
            broken = bytearray(payload)
            for _ in range(4):
                broken[random.randrange(2, len(broken))] ^= random.randrange(1, 256)
            payload = bytes(broken)
        self.send_on(0, head + payload)

    def send_report(self, stamp):
        """RTCP's sender report: which wall-clock time a stamp is of."""
        seconds = time.time() + SECONDS_1900_TO_1970
        fraction = int((seconds % 1) * (1 << 32)) & 0xffffffff
        self.send_on(1, struct.pack('>BBHIIIIII', 0x80, 200, 6, self.source, int(seconds), fraction, stamp & 0xffffffff, 0, 0))

    def send_goodbye(self):
        self.send_on(1, struct.pack('>BBHIBBHI', 0x80, 201, 1, self.source, 0x81, 203, 1, self.source))

    def send_on(self, channel, data):
        if self.udp:
            sender, receiver = self.udp[channel]
            sender.sendto(data, receiver)
        else:
            self.send(struct.pack('>cBH', b'$', self.channels[channel], len(data)) + data)

    def send(self, data):
        with self.sending:
            self.connection.sendall(data)


def listen(port):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(('127.0.0.1', port))
    listener.listen(64)
    return listener


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--file', required=True)
    parser.add_argument('--other')
    parser.add_argument('--port', type=int, default=8554)
    parser.add_argument('--mounts', default='cam')
    parser.add_argument('--fps', type=float, default=10)
    parser.add_argument('--mode', default='normal')
    parser.add_argument('--start', choices=['gop', 'idr', 'now'], default='gop')
    parser.add_argument('--control', type=int)
    parser.add_argument('--user')
    parser.add_argument('--password', default='')
    parser.add_argument('--auth', choices=['digest', 'basic'], default='digest')
    parser.add_argument('--realm', default='cam')
    parser.add_argument('--tcp-only', action='store_true')
    options = parser.parse_args()

    camera = Camera(options)
    camera.up()
    if options.control:
        threading.Thread(target=camera.serve_control, daemon=True).start()
    print(f'ready rtsp://127.0.0.1:{options.port}/{camera.mounts[0]}', flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        pass


if __name__ == '__main__':
    main()
