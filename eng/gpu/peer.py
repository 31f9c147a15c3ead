"""The SSD paper's networks through PyTorch: the peer that `ssd-pipeline bench device` is measured against.

    peer.py --json FILE [--sides 300,512] [--batches 1,8,32] [--seconds 2]

Same networks (VGG16, dilated conv6, L2 norm, heads in rows), random weights drawn alike, same batches; the input is copied
from locked memory and both outputs are copied back, on streams of their own, as the program does it. It is PyTorch's eager
mode, as it is and recorded in a CUDA graph; nothing goes through torch.compile.

What is most wanted comes first: who ends it early (Ctrl-C, a time limit) keeps all that was measured before.
"""

import argparse
import functools
import json
import os
import sys
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
SETUPS = ("fp16 graph", "fp16", "tf32", "fp32")  # the most wanted first
SLOTS = 3  # as many as the program has
LEAST_RUNS = 6


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
    """SSD300 or SSD512 on VGG16: box codes and scores of all default boxes, a row each."""

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


def draw_weights(layer):
    """Weights as the program draws them. PyTorch's own would shrink every layer's values: zeros in half precision."""
    if isinstance(layer, nn.Conv2d):
        nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
        nn.init.zeros_(layer.bias)


@functools.lru_cache(maxsize=2)
def network(side, half):
    """The network on the device; kept, since two setups and all batches share it."""
    torch.manual_seed(1)
    net = Ssd(side).apply(draw_weights).eval().requires_grad_(False).cuda()
    return net.half().to(memory_format=torch.channels_last) if half else net


class Streams:
    """Copies in, runs, copies out."""

    def __init__(self):
        self.copy_in, self.compute, self.copy_out = (torch.cuda.Stream() for _ in range(3))


class Slot:
    """Memory of one run: locked in main memory, and on the device."""

    def __init__(self, net, batch, side, half, graph, streams):
        self.net, self.streams = net, streams
        dtype = torch.float16 if half else torch.float32
        layout = torch.channels_last if half else torch.contiguous_format
        self.host_in = torch.randn(batch, 3, side, side).to(dtype).contiguous(memory_format=layout).pin_memory()
        self.device_in = self.host_in.cuda()
        self.uploaded, self.ran, self.fetched = (torch.cuda.Event() for _ in range(3))
        self.times = (torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True))
        self.graph = None
        # What the default stream still does to weights and input: no other stream waits for it by itself.
        torch.cuda.synchronize()
        with torch.cuda.stream(streams.compute), torch.inference_mode():
            # cuDNN chooses its algorithms here, which it could not while a graph is recorded.
            for _ in range(3):
                self.device_out = net(self.device_in)
        torch.cuda.synchronize()
        if graph:
            self.graph = torch.cuda.CUDAGraph()
            with torch.inference_mode(), torch.cuda.graph(self.graph, stream=streams.compute):
                self.device_out = net(self.device_in)
        self.host_out = [torch.empty(t.shape, dtype=t.dtype, pin_memory=True) for t in self.device_out]

    def upload(self):
        with torch.cuda.stream(self.streams.copy_in):
            self.device_in.copy_(self.host_in, non_blocking=True)
            self.uploaded.record(self.streams.copy_in)

    def run(self):
        """Queues the run and the copies of its outputs. The slot's last copies must be over: a replay writes into the
        same outputs, and those of a plain run are freed here."""
        compute, copy_out = self.streams.compute, self.streams.copy_out
        with torch.cuda.stream(compute), torch.inference_mode():
            compute.wait_event(self.uploaded)
            self.times[0].record(compute)
            if self.graph:
                self.graph.replay()
            else:
                self.device_out = self.net(self.device_in)
            self.times[1].record(compute)
            self.ran.record(compute)
        with torch.cuda.stream(copy_out), torch.inference_mode():
            copy_out.wait_event(self.ran)
            for host, device in zip(self.host_out, self.device_out):
                host.copy_(device, non_blocking=True)
            self.fetched.record(copy_out)


def rate(slots, duration):
    """Runs one after another, copies beside them: how many, the device's milliseconds of one, and seconds in all."""
    runs, busy, start = 0, 0.0, time.perf_counter()
    slots[0].upload()
    while runs < LEAST_RUNS or time.perf_counter() - start < duration:
        following = slots[(runs + 1) % SLOTS]
        following.fetched.synchronize()
        if runs >= SLOTS - 1:
            busy += following.times[0].elapsed_time(following.times[1])
        following.upload()
        # Queued behind the run before it: the device never waits for Python, as long as that is quick enough.
        slots[runs % SLOTS].run()
        runs += 1
    torch.cuda.synchronize()
    return runs, busy / (runs - (SLOTS - 1)), time.perf_counter() - start


def latencies(slot, duration):
    """Milliseconds of batches alone, from main memory to main memory, the shortest first."""
    found, start = [], time.perf_counter()
    while len(found) < LEAST_RUNS or time.perf_counter() - start < duration:
        begun = time.perf_counter()
        slot.upload()
        slot.run()
        slot.fetched.synchronize()
        found.append((time.perf_counter() - begun) * 1000)
    return sorted(found)


def allow_tf32(allowed):
    """Says what single precision means, and returns what convolutions then compute in, where PyTorch tells."""
    # Since 2.9 PyTorch warns of these names. The newer ones set one kind of operation each, and where those differ, a
    # question for all of them at once is an error; these set all.
    torch.backends.cuda.matmul.allow_tf32 = allowed
    torch.backends.cudnn.allow_tf32 = allowed
    return getattr(getattr(torch.backends.cudnn, "conv", None), "fp32_precision", None)


def measure(side, batch, setup, seconds):
    half, graph = setup.startswith("fp16"), "graph" in setup
    precision = allow_tf32(setup.startswith("tf32"))
    torch.backends.cudnn.benchmark = True
    net, streams = network(side, half), Streams()
    slots = [Slot(net, batch, side, half, graph, streams) for _ in range(SLOTS)]
    assert slots[0].device_out[0].shape == (batch, ROWS[side], 4), slots[0].device_out[0].shape
    rate(slots, min(0.5, seconds))
    runs, run_ms, elapsed = rate(slots, seconds)
    alone = latencies(slots[0], seconds)
    return {
        "model": f"ssd{side}-vgg16", "setup": setup, "batch": batch,
        "fps": round(runs * batch / elapsed, 2),
        "fpsWithoutCopies": round(batch * 1000 / run_ms, 2),
        "runMs": round(run_ms, 4),
        "deviceIdle": round(1 - run_ms * runs / 1000 / elapsed, 4),
        "p50Ms": round(alone[int((len(alone) - 1) * 0.5)], 4),
        "p99Ms": round(alone[int((len(alone) - 1) * 0.99)], 4),
        "convolutions": "half" if half else precision,
        "finite": all(bool(torch.isfinite(values).all()) for values in slots[0].host_out),
    }


def write(path, figures):
    """Replaces the file whole: whoever ends the program meanwhile finds the last one."""
    report = {
        "torch": torch.__version__, "cuda": torch.version.cuda, "cudnn": torch.backends.cudnn.version(),
        "device": torch.cuda.get_device_name(), "setups": figures,
    }
    with open(f"{path}.partial", "w", encoding="utf-8") as file:
        json.dump(report, file, indent=2)
    os.replace(f"{path}.partial", path)


def measure_all(options):
    figures = []
    for side in options.sides:
        for setup in SETUPS:
            for batch in options.batches:
                try:
                    figures.append(measure(side, batch, setup, options.seconds))
                except RuntimeError as error:  # out of memory, for one: the other setups still count
                    figures.append({"model": f"ssd{side}-vgg16", "setup": setup, "batch": batch, "problem": str(error)})
                torch.cuda.empty_cache()
                print(figures[-1], flush=True)
                write(options.json, figures)


def numbers(text, allowed, example):
    """Reads '1,8,32' for argparse, which puts the option's name before what is wrong."""
    parts = text.split(",")
    if not all(part.isdecimal() and allowed(int(part)) for part in parts):
        raise argparse.ArgumentTypeError(f"'{text}' is not allowed: {example}")
    return list(map(int, parts))


def sides(text):
    return numbers(text, ROWS.__contains__, "300, 512 or 300,512")


def batches(text):
    return numbers(text, bool, "whole numbers from 1, as 1,8,32")


def main():
    parser = argparse.ArgumentParser(description="Measures PyTorch on the SSD paper's networks.")
    parser.add_argument("--sides", type=sides, default=[300, 512], help="300,512: the networks, in this order")
    parser.add_argument("--batches", type=batches, default=[1, 8, 32], help="images of a run, in this order")
    parser.add_argument("--seconds", type=float, default=2, help="how long each figure is measured")
    parser.add_argument("--json", required=True, help="where the figures go, written anew after each line")
    options = parser.parse_args()
    if not torch.cuda.is_available():
        sys.exit("PyTorch finds no GPU: it needs one with NVIDIA's driver, and a PyTorch built with CUDA.")
    try:
        measure_all(options)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
