"""Writes river-alarms.txt: where River's detectors (pip install river==0.26.1) alarm on the streams of Streams.java.

    python river_alarms.py > river-alarms.txt
"""

import math

from river import drift
from river.drift import binary

VALUES = 120_000
SEED = 7


class JavaRandom:
    """java.util.Random: the streams are the same in both languages, bit for bit."""

    def __init__(self, seed):
        self.state = (seed ^ 0x5DEECE66D) & ((1 << 48) - 1)

    def bits(self, count):
        self.state = (self.state * 0x5DEECE66D + 0xB) & ((1 << 48) - 1)
        return self.state >> (48 - count)

    def next_double(self):
        return ((self.bits(26) << 27) + self.bits(27)) / (1 << 53)


def bernoulli(mean):
    def values(count):
        random = JavaRandom(SEED)
        return [1 if random.next_double() < mean(i / count) else 0 for i in range(count)]

    return values


def uniform(mean):
    def values(count):
        random = JavaRandom(SEED)
        return [mean(i / count) + 0.2 * (random.next_double() - 0.5) for i in range(count)]

    return values


STREAMS = {
    "STATIONARY_ERRORS": bernoulli(lambda at: 0.3),
    "ABRUPT_ERRORS": bernoulli(lambda at: 0.2 if int(at * 20) % 2 == 0 else 0.45),
    "GRADUAL_ERRORS": bernoulli(lambda at: 0.25 + 0.2 * math.sin(at * 12)),
    "SLOWLY_RISING_ERRORS": bernoulli(lambda at: 0.1 + 0.5 * at),
    "RARE_ERRORS": bernoulli(lambda at: 0.03 if 0.5 < at < 0.6 else 0.005),
    "ABRUPT_LEVELS": uniform(lambda at: 0.1 * (1 + int(at * 31) % 7)),
}

DETECTORS = {
    "adwin": (drift.ADWIN, VALUES),
    "ddm": (binary.DDM, VALUES),
    "hddm-a one-sided": (binary.HDDMA, VALUES),
    "hddm-a two-sided": (lambda: binary.HDDMA(two_sided_test=True), VALUES),
    "page-hinkley up": (lambda: drift.PageHinkley(mode="up"), VALUES),
    "page-hinkley both": (drift.PageHinkley, VALUES),
    # a sample of all older values is no sample: the alarms depend on no generator
    "kswin": (lambda: drift.KSWIN(window_size=60, stat_size=30, seed=1), 12_000),
}

for name, (make, count) in DETECTORS.items():
    for stream, values in STREAMS.items():
        detector = make()
        alarms = []
        for index, value in enumerate(values(VALUES)[:count]):
            detector.update(value)
            if detector.drift_detected:
                alarms.append(index)
        print(f"{name};{stream};{count};{','.join(map(str, alarms))}", flush=True)
