// Scores JSON events, one per line, with the newest student on a topic of checkpoints:
//     node scorer.mjs localhost:9092 electricity.checkpoints phone < events.jsonl
import { createHash, createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Kafka, logLevel } from 'kafkajs';
const ort = await import(process.env.ORT ?? 'onnxruntime-node'); // onnxruntime-web in browsers
const tensors = {
  float: (values, dims) => new ort.Tensor('float32', Float32Array.from(values, v => v ?? NaN), dims),
  int64: (values, dims) => new ort.Tensor('int64', BigInt64Array.from(values, v => BigInt(v ?? -1)), dims),
  string: (values, dims) => new ort.Tensor('string', values.map(v => v ?? ''), dims),
};

export class Follower {
  async load({ headers, value }, secret) {
    const format = headers['reflux-format']?.toString();
    if (format !== 'checkpoint/1') throw new Error(`format ${format} found, this consumer reads checkpoint/1`);
    if (secret) {
      const given = Buffer.from(headers['reflux-signature']?.toString().split(' ')[2] ?? '', 'base64');
      const own = createHmac('sha256', secret).update(value).digest();
      if (given.length !== own.length || !timingSafeEqual(given, own)) throw new Error('not signed by us');
    }
    const manifest = JSON.parse(value.toString());
    const model = manifest.model ? Buffer.from(manifest.model, 'base64') : readFileSync(new URL(manifest.modelUri)); // http: fetch
    const sha256 = createHash('sha256').update(model).digest('hex');
    if (model.length !== manifest.size || sha256 !== manifest.sha256) throw new Error('the model was changed on the way');
    [this.manifest, this.session] = [manifest, await ort.InferenceSession.create(model)];
  }

  /** Takes what is published, until the consumer that it returns is disconnected; returns with the newest student. */
  async follow(brokers, topic, student, secret) {
    const consumer = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.ERROR }).consumer({ groupId: `scorer-${randomUUID()}` });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const newest = new Promise(resolve => consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      if (this.session && +payload.offsetLag <= 1) resolve(consumer); // 1: the marker that ends a transaction
    }));
    await consumer.run({ autoCommit: false, eachMessage: async ({ message }) => {
      if (message.key?.toString() !== student) return;
      await this.load(message, secret).catch(problem => console.error('the student at hand goes on:', problem.message));
    } });
    return newest;
  }

  async score(events) {
    const feed = {};
    for (const { name, onnxType, shape = [1] } of this.manifest.inputs) {
      const missing = Array(shape.reduce((a, b) => a * b)).fill(null);
      feed[name] = tensors[onnxType](events.flatMap(e => [e[name] ?? missing].flat(Infinity)), [events.length, ...shape]);
    }
    return (await this.session.run(feed, ['probabilities'])).probabilities;
  }
}
if (process.argv[1]?.endsWith('scorer.mjs')) {
  const follower = new Follower();
  const consumer = await follower.follow(...process.argv.slice(2, 5), process.env.REFLUX_SECRET?.trim());
  const { data, dims: [, n] } = await follower.score(readFileSync(0, 'utf8').trim().split('\n').map(line => JSON.parse(line)));
  for (let i = 0; i < data.length; i += n) console.log(JSON.stringify({ version: follower.manifest.step, probabilities: [...data.slice(i, i + n)] }));
  await consumer.disconnect();
}
