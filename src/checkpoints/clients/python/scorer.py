"""Scores JSON events, one per line, with the newest student on a topic of checkpoints:

    python3 scorer.py localhost:9092 electricity.checkpoints phone < events.jsonl
"""
import base64, hashlib, hmac, json, os, sys, urllib.request, uuid
import numpy as np, onnxruntime as ort
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

TYPES = {"float": (np.float32, np.nan), "int64": (np.int64, -1), "string": (object, "")}


class Follower:
    def __init__(self, brokers, topic, student, secret=None):
        self.student, self.secret, self.manifest, self.session = student, secret, None, None
        self.consumer = Consumer({"bootstrap.servers": brokers, "group.id": f"scorer-{uuid.uuid4()}",
                                  "enable.auto.commit": False, "isolation.level": "read_committed"})
        partitions = self.consumer.list_topics(topic, 30).topics[topic].partitions
        self.consumer.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in partitions])

    def follow(self, seconds):
        """Takes what was published; ends when nothing has come for so long. Call it now and then."""
        while (message := self.consumer.poll(seconds)) is not None:
            if message.error() or message.key() != self.student.encode():
                continue
            try:
                self.manifest, self.session = self.load(message)
            except Exception as problem:
                print("the student at hand goes on:", problem, file=sys.stderr)

    def load(self, message):
        headers = dict(message.headers() or [])
        if headers.get("reflux-format") != b"checkpoint/1":
            raise ValueError(f"format {headers.get('reflux-format')} found, this consumer reads checkpoint/1")
        if self.secret:
            signature = base64.b64decode(headers.get("reflux-signature", b"  ").split(b" ")[2])
            if not hmac.compare_digest(signature, hmac.digest(self.secret, message.value(), "sha256")):
                raise ValueError("the signature is not that of this record")
        manifest = json.loads(message.value())
        inline = manifest.get("model")  # else the URI of a file: or http: place
        model = base64.b64decode(inline) if inline else urllib.request.urlopen(manifest["modelUri"]).read()
        if hashlib.sha256(model).hexdigest() != manifest["sha256"]:
            raise ValueError("the model was changed on the way")
        return manifest, ort.InferenceSession(model, providers=["CPUExecutionProvider"])

    def score(self, events):
        feed = {}
        for column in self.manifest["inputs"]:
            (kind, missing), shape = TYPES[column["onnxType"]], column.get("shape", [1])
            values = [event.get(column["name"]) for event in events]
            feed[column["name"]] = np.stack([np.full(shape, missing, kind) if value is None
                                             else np.asarray(value, kind).reshape(shape) for value in values])
        return self.session.run(["probabilities"], feed)[0]


if __name__ == "__main__":
    follower = Follower(*sys.argv[1:4], os.environ.get("REFLUX_SECRET", "").strip().encode())
    while not follower.session: follower.follow(3)
    for probabilities in follower.score([json.loads(line) for line in sys.stdin]):
        print(json.dumps({"version": follower.manifest["step"], "probabilities": probabilities.tolist()}))
