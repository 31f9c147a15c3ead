#!/usr/bin/python3
"""An RTSP camera on loopback made of GStreamer's RTSP server: another implementation than rtsp_fault_server.py's.

  rtsp_gst_server.py --file film.h264 --port 8554 [--fps 10] [--user u --password p [--auth digest|basic]]

It shows the film over and over, live, at rtsp://127.0.0.1:PORT/cam, and prints 'ready'. Words on standard input:
stall (no more pictures, the connections stay), resume, kick (closes all connections), quit.

Debian: python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-good
"""
import argparse
import re
import sys
import threading
import time

import gi

gi.require_version('Gst', '1.0')
gi.require_version('GstRtspServer', '1.0')
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

ROLE = 'viewer'


def pictures_of(path):
    """The film's access units, each with the parameter sets before it. One slice a picture, as x264 makes it on one thread."""
    start_code = b'\0\0\0\1'
    with open(path, 'rb') as film:
        units = [unit for unit in re.split(b'\0\0\0\1|\0\0\1', film.read()) if unit]
    pictures, current = [], b''
    for unit in units:
        current += start_code + unit
        is_slice = unit[0] & 31 in (1, 5)
        if is_slice:
            pictures.append(current)
            current = b''
    return pictures


class Camera:
    """What the server's medium is fed with. Its pictures go on while nobody looks, and are lost while it stalls."""

    def __init__(self, pictures, fps):
        self.pictures = pictures
        self.fps = fps
        self.stalls = False

    def feed(self, source):
        """Pushes pictures in time until the medium is gone."""
        start = time.monotonic()
        number = 0
        while True:
            time.sleep(max(0, start + number / self.fps - time.monotonic()))
            if not self.stalls:
                picture = Gst.Buffer.new_wrapped(self.pictures[number % len(self.pictures)])
                picture.pts = picture.dts = int(number * Gst.SECOND / self.fps)
                picture.duration = int(Gst.SECOND / self.fps)
                if source.emit('push-buffer', picture) != Gst.FlowReturn.OK:
                    return
            number += 1


class Factory(GstRtspServer.RTSPMediaFactory):
    """Makes the one medium that all clients share."""

    def __init__(self, camera):
        super().__init__()
        self.camera = camera
        self.set_shared(True)
        self.set_latency(0)
        self.connect('media-configure', lambda _, media: self.start(media))

    def do_create_element(self, url):
        return Gst.parse_launch(
            '( appsrc name=source is-live=true format=time'
            ' caps=video/x-h264,stream-format=byte-stream,alignment=au'
            ' ! rtph264pay name=pay0 pt=96 config-interval=-1 )')

    def start(self, media):
        source = media.get_element().get_by_name('source')
        threading.Thread(target=self.camera.feed, args=(source,), daemon=True).start()


def require_password(server, factory, options):
    """Lets only one user in."""
    permissions = GstRtspServer.RTSPPermissions()
    for permission in ('media.factory.access', 'media.factory.construct'):
        permissions.add_permission_for_role(ROLE, permission, True)
    factory.set_permissions(permissions)

    token = GstRtspServer.RTSPToken()
    token.set_string('media.factory.role', ROLE)
    auth = GstRtspServer.RTSPAuth()
    if options.auth == 'basic':
        auth.set_supported_methods(1)
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(options.user, options.password), token)
    else:
        auth.set_supported_methods(2)
        auth.add_digest(options.user, options.password, token)
    server.set_auth(auth)


def obey(server, camera, loop):
    """Does what standard input says, until it ends or says quit."""
    def kick():
        server.client_filter(lambda server, client: GstRtspServer.RTSPFilterResult.REMOVE)
        return False

    for line in sys.stdin:
        word = line.strip()
        if word in ('stall', 'resume'):
            camera.stalls = word == 'stall'
        elif word == 'kick':
            GLib.idle_add(kick)
        elif word == 'quit':
            break
    loop.quit()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--file', required=True)
    parser.add_argument('--port', default='8554')
    parser.add_argument('--fps', type=float, default=10)
    parser.add_argument('--user')
    parser.add_argument('--password', default='')
    parser.add_argument('--auth', choices=['digest', 'basic'], default='digest')
    options = parser.parse_args()

    Gst.init(None)
    camera = Camera(pictures_of(options.file), options.fps)
    server = GstRtspServer.RTSPServer()
    server.set_address('127.0.0.1')
    server.set_service(options.port)
    factory = Factory(camera)
    if options.user:
        require_password(server, factory, options)
    server.get_mount_points().add_factory('/cam', factory)
    server.attach(None)

    loop = GLib.MainLoop()
    threading.Thread(target=obey, args=(server, camera, loop), daemon=True).start()
    print(f'ready rtsp://127.0.0.1:{options.port}/cam', flush=True)
    loop.run()


if __name__ == '__main__':
    main()
