#!/usr/bin/env python3
"""Dependency-free live RTSP server with fault injection (Python 3 stdlib only, no GStreamer).
Serves a looping H.264 Annex-B file passthrough; RTP over RTSP/TCP (interleaved) and UDP unicast.

  rtsp_fault_server.py --file vtest.h264 --port 8554 [--mounts cam,cam2] [--fps 10] [--user u --password p --auth basic|digest]
      [--mode normal|stall:S|drop:S|corrupt:P|loss:P|mute|hang|gap:S:D|freeze:S|limit404] [--start gop|idr|now] [--ctl PORT] [--no-sr]
 modes (per server; change at run time through --ctl):
  normal       live stream                       stall:S    S s of video after PLAY, then silence; the TCP connection stays open
  drop:S       TCP connection closed S s after PLAY (every connection, so a reconnecting client is dropped every S s)
  reset:S      as drop, but with TCP RST         corrupt:P  each RTP payload has probability P of ~4 flipped bytes (never SPS/PPS)
  loss:P       each RTP packet is not sent with probability P (sequence number still advances)
  gap:S:D      every S s the stream is silent for D s, then goes on (frames during the gap are lost)
  freeze:S     after S s the same IDR is repeated for ever        mute   DESCRIBE/SETUP/PLAY answered, no frame ever
  hang         connection accepted, no RTSP answer at all         404    DESCRIBE answered 404      503  DESCRIBE answered 503
  eos:S        S s of video, then RTCP BYE + silence             junk:S  after S s garbage bytes on the interleaved TCP stream
  other        the film of --other, which may have another picture size
 control: echo stall | nc 127.0.0.1 CTL   (any mode word; 'stall' = stall:0 now, 'normal' resumes; 'kick' closes all clients;
          'down' closes the listener and all clients; 'up' listens again; 'stat' prints clients/frames)
"""
import argparse, base64, hashlib, os, random, re, select, socket, struct, sys, threading, time

def load(path):
    d = open(path, 'rb').read()
    nals = [n for n in re.split(b'\0\0\0\1|\0\0\1', d) if n]
    aus, cur, sps, pps = [], [], None, None
    for n in nals:
        t = n[0] & 31
        if t == 7: sps = sps or n
        if t == 8: pps = pps or n
        if t in (7, 8, 6, 9) and any((x[0] & 31) in (1, 5) for x in cur): aus.append(cur); cur = []
        if t in (1, 5) and (n[1] & 0x80) and any((x[0] & 31) in (1, 5) for x in cur): aus.append(cur); cur = []
        if t != 9: cur.append(n)
    if cur: aus.append(cur)
    return aus, sps, pps
isidr = lambda au: any((n[0] & 31) == 5 for n in au)

class Srv:
    def __init__(s, a):
        s.a = a; s.films = [load(f) for f in (a.file, a.other) if f]; s.t0 = time.monotonic(); s.clients = set(); s.lock = threading.Lock()
        s.mode = a.mode; s.modet = s.t0; s.frames = 0; s.mounts = a.mounts.split(','); s.nonce = os.urandom(8).hex(); s.ls = None
    def film(s): return s.films[-1 if s.mode == 'other' else 0]   # access units, SPS, PPS
    def up(s):
        if s.ls: return
        l = socket.socket(); l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); l.bind(('127.0.0.1', s.a.port)); l.listen(64); s.ls = l
        threading.Thread(target=s.accept, args=(l,), daemon=True).start()
    def accept(s, l):
        while s.ls is l:
            r, _, _ = select.select([l], [], [], .2)
            if s.ls is not l: break
            if r:
                c, _ = l.accept(); threading.Thread(target=Client(s, c).run, daemon=True).start()
        l.close()
    def kick(s):
        for c in list(s.clients): c.close()
    def down(s):
        s.ls = None; time.sleep(.3); s.kick()
    def command(s, w):
        if w == 'kick': s.kick()
        elif w == 'down': s.down()
        elif w == 'up': s.up()
        elif w != 'stat': s.mode = w; s.modet = time.monotonic()
        return f'mode={s.mode} clients={len(s.clients)} frames={s.frames} udp={sum(k.udp is not None for k in s.clients)} listening={s.ls is not None} t0={s.t0:.4f}\n'
    def ctl(s):
        l = socket.socket(); l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); l.bind(('127.0.0.1', s.a.ctl)); l.listen(8)
        while True:
            c, _ = l.accept()
            try:
                c.settimeout(2); w = c.recv(100).decode().strip(); c.sendall(s.command(w).encode())
            except OSError: pass
            c.close()

class Client:
    def __init__(k, s, c): k.s, k.c, k.play, k.open, k.tr, k.udp = s, c, False, True, None, None; k.wl = threading.Lock(); k.sess = os.urandom(4).hex(); k.gen = 0
    def close(k, rst=False):
        k.open = False
        try:
            if rst: k.c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))   # run() closes it within 0.2 s: RST
            else: k.c.shutdown(socket.SHUT_RDWR)
        except OSError: pass
    def send(k, b):
        with k.wl: k.c.sendall(b)
    def auth(k, meth, hdr):
        a = k.s.a
        if not a.user: return True
        h = hdr.get('authorization', '')
        if a.auth == 'basic': return h.lower().startswith('basic ') and base64.b64decode(h[6:]) == f'{a.user}:{a.password}'.encode()
        if not h.lower().startswith('digest '): return False
        p = dict(re.findall(r'(\w+)="?([^",]+)"?', h[7:])); m = lambda x: hashlib.md5(x.encode()).hexdigest()
        want = m(f"{m(f'{a.user}:{a.realm}:{a.password}')}:{k.s.nonce}:{m(meth + ':' + p.get('uri', ''))}")
        return p.get('username') == a.user and p.get('response') == want
    def run(k):
        s = k.s; s.clients.add(k); k.c.settimeout(None); k.c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1); buf = b''
        try:
            while k.open:
                if not select.select([k.c], [], [], .2)[0]: continue
                d = k.c.recv(65536)
                if not d: break
                if s.mode == 'hang': continue
                buf += d
                while buf:
                    if buf[:1] == b'$':                       # RTCP from the client
                        if len(buf) < 4 or len(buf) < 4 + struct.unpack('>H', buf[2:4])[0]: break
                        buf = buf[4 + struct.unpack('>H', buf[2:4])[0]:]; continue
                    i = buf.find(b'\r\n\r\n')
                    if i < 0: break
                    head = buf[:i].decode('latin1').split('\r\n'); buf = buf[i + 4:]
                    hdr = {x.split(':', 1)[0].lower(): x.split(':', 1)[1].strip() for x in head[1:] if ':' in x}
                    n = int(hdr.get('content-length', 0)); buf = buf[n:]
                    meth, uri = head[0].split()[:2]; k.request(meth, uri, hdr)
        except (OSError, ValueError): pass
        finally: k.open = False; s.clients.discard(k); k.c.close()
    def reply(k, hdr, code='200 OK', extra='', body=b''):
        k.send(f'RTSP/1.0 {code}\r\nCSeq: {hdr.get("cseq", 0)}\r\nServer: rtsp_fault_server\r\n{extra}'.encode() + (f'Content-Length: {len(body)}\r\n'.encode() if body else b'') + b'\r\n' + body)
    def request(k, meth, uri, hdr):
        s, a = k.s, k.s.a
        if a.verbose: print(meth, uri, s.mode, flush=True)
        if meth == 'OPTIONS': return k.reply(hdr, extra='Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER\r\n')
        if not k.auth(meth, hdr):
            w = f'Basic realm="{a.realm}"' if a.auth == 'basic' else f'Digest realm="{a.realm}", nonce="{s.nonce}"'
            return k.reply(hdr, '401 Unauthorized', f'WWW-Authenticate: {w}\r\n')
        ses = f'Session: {k.sess};timeout=60\r\n'
        if meth == 'DESCRIBE':
            path = re.sub(r'^rtsps?://[^/]+/?', '', uri).split('?')[0].strip('/')
            if s.mode in ('404', '503') or path not in s.mounts: return k.reply(hdr, '503 Service Unavailable' if s.mode == '503' else '404 Not Found')
            b = lambda x: base64.b64encode(x).decode(); _, sps, pps = s.film()
            sdp = ('v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=cam\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n'
                   f'a=fmtp:96 packetization-mode=1;profile-level-id={sps[1:4].hex()};sprop-parameter-sets={b(sps)},{b(pps)}\r\na=framerate:{a.fps}\r\na=control:track1\r\n').encode()
            return k.reply(hdr, extra=f'Content-Type: application/sdp\r\nContent-Base: {uri.rstrip("/")}/\r\n', body=sdp)
        if meth == 'SETUP':
            t = hdr.get('transport', '')
            if 'TCP' in t:
                m = re.search(r'interleaved=(\d+)-(\d+)', t); k.tr = (int(m[1]), int(m[2])) if m else (0, 1)
                return k.reply(hdr, extra=f'{ses}Transport: RTP/AVP/TCP;unicast;interleaved={k.tr[0]}-{k.tr[1]}\r\n')
            m = re.search(r'client_port=(\d+)-(\d+)', t)
            if not m or a.tcp_only: return k.reply(hdr, '461 Unsupported Transport')
            k.udp = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)); [u.bind(('127.0.0.1', 0)) for u in k.udp]
            k.udpto = [('127.0.0.1', int(m[1])), ('127.0.0.1', int(m[2]))]; sp = [u.getsockname()[1] for u in k.udp]
            return k.reply(hdr, extra=f'{ses}Transport: RTP/AVP;unicast;client_port={m[1]}-{m[2]};server_port={sp[0]}-{sp[1]}\r\n')
        if meth == 'PLAY':
            k.seq, k.ts0, k.ssrc = random.randrange(65536), random.randrange(1 << 32), random.randrange(1 << 32)
            k.reply(hdr, extra=f'{ses}Range: npt=now-\r\nRTP-Info: url={uri.rstrip("/")}/track1;seq={k.seq};rtptime={k.ts0}\r\n'); k.gen += 1
            threading.Thread(target=k.stream, args=(k.gen,), daemon=True).start(); return
        if meth == 'TEARDOWN': k.reply(hdr, extra=ses); k.close(); return
        if meth in ('GET_PARAMETER', 'SET_PARAMETER'): return k.reply(hdr, extra=ses)
        k.reply(hdr, '501 Not Implemented')
    def out(k, ch, b):
        if k.udp: k.udp[ch].sendto(b, k.udpto[ch])
        else: k.send(struct.pack('>cBH', b'$', k.tr[ch], len(b)) + b)
    def rtp(k, payload, ts, mark, prot, corrupt, loss):
        h = struct.pack('>BBHII', 0x80, 96 | (0x80 if mark else 0), k.seq, ts & 0xffffffff, k.ssrc); k.seq = (k.seq + 1) & 0xffff
        if not prot and loss and random.random() < loss: return
        if not prot and corrupt and random.random() < corrupt and len(payload) > 8:
            p = bytearray(payload)
            for _ in range(4): p[random.randrange(2, len(p))] ^= random.randrange(1, 256)
            payload = bytes(p)
        k.out(0, h + payload)
    def au(k, au, ts, corrupt=0, loss=0):
        M = 1400
        for i, n in enumerate(au):
            last = i == len(au) - 1; prot = (n[0] & 31) in (7, 8)
            if len(n) <= M: k.rtp(n, ts, last, prot, corrupt, loss); continue
            ind, typ, p = (n[0] & 0x60) | 28, n[0] & 31, n[1:]
            parts = [p[j:j + M - 2] for j in range(0, len(p), M - 2)]
            for j, q in enumerate(parts):
                k.rtp(bytes([ind, typ | (0x80 if j == 0 else 0) | (0x40 if j == len(parts) - 1 else 0)]) + q, ts, last and j == len(parts) - 1, prot, corrupt, loss)
    def sr(k, ts):
        n = time.time() + 2208988800
        k.out(1, struct.pack('>BBHIIIIII', 0x80, 200, 6, k.ssrc, int(n), int((n % 1) * (1 << 32)) & 0xffffffff, ts & 0xffffffff, 0, 0))
    def stream(k, gen):
        s, a = k.s, k.s.a; aus = s.film()[0]; N, fps = len(aus), a.fps; tp = time.monotonic(); base = i = int((tp - s.t0) * fps); nsr = 0
        if a.start == 'gop':
            while not isidr(aus[i % N]): i -= 1
            ts = lambda j, b=i: k.ts0 + int((j - b) * 90000 / fps)
        elif a.start == 'idr':
            while not isidr(aus[i % N]): i += 1
            ts = lambda j, b=i: k.ts0 + int((j - b) * 90000 / fps)
        else: ts = lambda j, b=i: k.ts0 + int((j - b) * 90000 / fps)
        idr = None
        try:
            while k.open and gen == k.gen:
                now = time.monotonic(); due = s.t0 + i / fps
                if due > now: time.sleep(min(due - now, .05)); continue
                m = s.mode.split(':'); st = max(tp, s.modet); el = now - st; arg = float(m[1]) if len(m) > 1 else 0.; c = l = 0
                if m[0] in ('stall', 'mute') and (m[0] == 'mute' or el >= arg): i += 1; continue
                if m[0] in ('drop', 'reset') and el >= arg: k.close(m[0] == 'reset'); return
                if m[0] == 'gap' and el % (arg + float(m[2])) >= arg: i += 1; continue
                if m[0] == 'corrupt': c = arg
                if m[0] == 'loss': l = arg
                if m[0] == 'eos' and el >= arg: k.out(1, struct.pack('>BBHIBBHI', 0x80, 201, 1, k.ssrc, 0x81, 203, 1, k.ssrc)); return
                if m[0] == 'junk' and el >= arg: k.send(os.urandom(20000)); i += 1; continue
                aus = s.film()[0]; x = aus[i % len(aus)]
                if isidr(x): idr = x
                if m[0] == 'freeze' and el >= arg and idr: x = idr
                if not a.no_sr and now >= nsr: k.sr(ts(i)); nsr = now + 5
                k.au(x, ts(i), c, l); i += 1; s.frames += 1
        except OSError: k.close()

if __name__ == '__main__':
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--file', required=True); p.add_argument('--other'); p.add_argument('--port', type=int, default=8554); p.add_argument('--mounts', default='cam'); p.add_argument('--fps', type=float, default=10)
    p.add_argument('--mode', default='normal'); p.add_argument('--start', default='gop', choices=['gop', 'idr', 'now']); p.add_argument('--ctl', type=int); p.add_argument('--user'); p.add_argument('--password', default='')
    p.add_argument('--auth', default='digest', choices=['basic', 'digest']); p.add_argument('--realm', default='cam'); p.add_argument('--no-sr', action='store_true'); p.add_argument('--tcp-only', action='store_true'); p.add_argument('--verbose', action='store_true')
    a = p.parse_args(); s = Srv(a); s.up()
    if a.ctl: threading.Thread(target=s.ctl, daemon=True).start()
    print(f'ready rtsp://127.0.0.1:{a.port}/{s.mounts[0]}', flush=True)
    try:
        while True: time.sleep(3600)
    except KeyboardInterrupt: pass
