"""The SSD paper's networks through PyTorch: the peer that `ssd-pipeline bench device` is measured against.

Same networks (VGG16, dilated conv6, L2 norm, heads in rows), random weights, same batches; the input is copied from
locked memory and both outputs are copied back, on streams of their own, as the program does it.
"""

import argparse
import json
import time

import torch
from torch import nn

BASE = [64, 64, "pool", 128, 128, "pool", 256, 256, 256, "pool-up", 512, 512, 512, "source", "pool", 512, 512, 512, "pool5"]
EXTRAS = {  # (narrow, channels, kernel, stride, padding)
    300: [(256, 512, 3, 2, 1), (128, 256, 3, 2, 1), (128, 256, 3, 1, 0), (128, 256, 3, 1, 0)],
    512: [(256, 512, 3, 2, 1), (128, 256, 3, 2, 1), (128, 256, 3, 2, 1), (128, 256, 3, 2, 1), (128, 256, 4, 1, 1)],
}
BOXES = {300: [4, 6, 6, 6, 4, 4], 512: [4, 6, 6, 6, 6, 4, 4]}
ROWS = {300: 8732, 512: 24564}
COLUMNS = 21


class Norm(nn.Module):
    """L2 norm over the channels, in single precision, times a learned scale."""

    def __init__(self, channels):
        super().__init__()
        self.scale = nn.Parameter(torch.full((1, channels, 1, 1), 20.0))

    def forward(self, x):
        single = x.float()
        length = single.square().sum(1, keepdim=True).add(1e-10).sqrt()
        return (single / length * self.scale.float()).to(x.dtype)


class Ssd(nn.Module):
    def __init__(self, side):
        super().__init__()
        layers, channels = [], 3
        for layer in BASE:
            if layer == "source":
                self.first, layers = nn.Sequential(*layers), []
            elif layer == "pool5":
                layers.append(nn.MaxPool2d(3, 1, 1))
            elif isinstance(layer, str):
                layers.append(nn.MaxPool2d(2, 2, ceil_mode=layer == "pool-up"))
            else:
                layers += [nn.Conv2d(channels, layer, 3, padding=1), nn.ReLU(inplace=True)]
                channels = layer
        layers += [nn.Conv2d(512, 1024, 3, padding=6, dilation=6), nn.ReLU(inplace=True)]
        layers += [nn.Conv2d(1024, 1024, 1), nn.ReLU(inplace=True)]
        self.second = nn.Sequential(*layers)
        self.norm = Norm(512)
        self.extras, channels, sources = nn.ModuleList(), 1024, [512, 1024]
        for narrow, wide, kernel, stride, padding in EXTRAS[side]:
            self.extras.append(nn.Sequential(
                nn.Conv2d(channels, narrow, 1), nn.ReLU(inplace=True),
                nn.Conv2d(narrow, wide, kernel, stride, padding), nn.ReLU(inplace=True)))
            channels = wide
            sources.append(wide)
        self.loc = nn.ModuleList(nn.Conv2d(c, n * 4, 3, padding=1) for c, n in zip(sources, BOXES[side]))
        self.conf = nn.ModuleList(nn.Conv2d(c, n * COLUMNS, 3, padding=1) for c, n in zip(sources, BOXES[side]))

    def forward(self, x):
        x = self.first(x)
        maps = [self.norm(x)]
        x = self.second(x)
        maps.append(x)
        for extra in self.extras:
            x = extra(x)
            maps.append(x)

        def rows(heads, values):
            parts = [h(m).permute(0, 2, 3, 1).reshape(m.shape[0], -1, values) for h, m in zip(heads, maps)]
            return torch.cat(parts, 1)

        return rows(self.loc, 4), rows(self.conf, COLUMNS)


class Slot:
    """Memory of one run: locked in main memory, and on the device."""

    def __init__(self, net, batch, side, half, graph):
        self.net = net
        dtype = torch.float16 if half else torch.float32
        layout = torch.channels_last if half else torch.contiguous_format
        self.host_in = torch.randn(batch, 3, side, side).to(dtype).contiguous(memory_format=layout).pin_memory()
        self.device_in = self.host_in.cuda()
        self.uploaded, self.ran, self.fetched = (torch.cuda.Event() for _ in range(3))
        self.graph = None
        with torch.inference_mode():
            warm = torch.cuda.Stream()
            with torch.cuda.stream(warm):
                for _ in range(5):
                    self.device_out = net(self.device_in)
            torch.cuda.synchronize()
            if graph:
                self.graph = torch.cuda.CUDAGraph()
                with torch.cuda.graph(self.graph):
                    self.device_out = net(self.device_in)
        self.host_out = [torch.empty(t.shape, dtype=t.dtype).pin_memory() for t in self.device_out]
        self.times = (torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True))

    def upload(self, stream):
        with torch.cuda.stream(stream):
            self.device_in.copy_(self.host_in, non_blocking=True)
            self.uploaded.record(stream)

    def run(self, compute, copy_out):
        with torch.cuda.stream(compute), torch.inference_mode():
            compute.wait_event(self.uploaded)
            self.times[0].record(compute)
            if self.graph:
                self.graph.replay()
            else:
                self.device_out = self.net(self.device_in)
            self.times[1].record(compute)
            self.ran.record(compute)
        with torch.cuda.stream(copy_out):
            copy_out.wait_event(self.ran)
            for host, device in zip(self.host_out, self.device_out):
                host.copy_(device, non_blocking=True)
                device.record_stream(copy_out)
            self.fetched.record(copy_out)


def measure(side, batch, setup, seconds):
    half, graph, tf32 = setup.startswith("fp16"), "graph" in setup, setup.startswith("tf32")
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = tf32
    torch.backends.cudnn.benchmark = True
    torch.manual_seed(1)
    net = Ssd(side).cuda().eval().requires_grad_(False)
    if half:
        net = net.half().to(memory_format=torch.channels_last)
    slots = [Slot(net, batch, side, half, graph) for _ in range(3)]
    assert slots[0].device_out[0].shape == (batch, ROWS[side], 4), slots[0].device_out[0].shape
    copy_in, compute, copy_out = (torch.cuda.Stream() for _ in range(3))
    torch.cuda.synchronize()

    def loop(duration):
        runs, busy, start = 0, 0.0, time.perf_counter()
        slots[0].upload(copy_in)
        while runs < 6 or time.perf_counter() - start < duration:
            following = slots[(runs + 1) % 3]
            following.fetched.synchronize()
            if runs >= 2:
                busy += following.times[0].elapsed_time(following.times[1])
            following.upload(copy_in)
            slots[runs % 3].run(compute, copy_out)
            slots[runs % 3].ran.synchronize()
            runs += 1
        torch.cuda.synchronize()
        return runs, busy / (runs - 2), time.perf_counter() - start

    loop(0.5)
    runs, run_ms, elapsed = loop(seconds)
    latencies = []
    start = time.perf_counter()
    while len(latencies) < 6 or time.perf_counter() - start < seconds:
        begun = time.perf_counter()
        slots[0].upload(copy_in)
        slots[0].run(compute, copy_out)
        slots[0].fetched.synchronize()
        latencies.append((time.perf_counter() - begun) * 1000)
    latencies.sort()
    return {
        "model": f"ssd{side}-vgg16", "setup": setup, "batch": batch,
        "fps": round(runs * batch / elapsed, 2),
        "fpsWithoutCopies": round(batch * 1000 / run_ms, 2),
        "runMs": round(run_ms, 4),
        "deviceIdle": round(1 - run_ms * runs / 1000 / elapsed, 4),
        "p50Ms": round(latencies[int((len(latencies) - 1) * 0.5)], 4),
        "p99Ms": round(latencies[int((len(latencies) - 1) * 0.99)], 4),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--batches", default="1,8,32")
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--json", required=True)
    options = parser.parse_args()
    figures = []
    for side in (300, 512):
        for setup in ("fp32", "tf32", "fp16", "fp16 graph"):
            for batch in map(int, options.batches.split(",")):
                try:
                    figures.append(measure(side, batch, setup, options.seconds))
                except RuntimeError as error:  # out of memory, for one: the other setups still count
                    figures.append({"model": f"ssd{side}-vgg16", "setup": setup, "batch": batch, "problem": str(error)})
                torch.cuda.empty_cache()
                print(figures[-1], flush=True)
                with open(options.json, "w", encoding="utf-8") as file:
                    json.dump({"torch": torch.__version__, "device": torch.cuda.get_device_name(), "setups": figures}, file, indent=2)


if __name__ == "__main__":
    main()
