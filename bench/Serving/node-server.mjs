// The obvious server around a model: Node's own HTTP, onnxruntime-node with its defaults, one run a request. It speaks the
// same binary tensors as the edge. Prints its port.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const { InferenceSession, Tensor } = createRequire(import.meta.url)('onnxruntime-node');
const session = await InferenceSession.create(process.argv[2]);

async function infer(body, jsonLength) {
  const request = JSON.parse(body.subarray(0, jsonLength).toString());
  const feeds = {};
  let at = jsonLength;
  for (const input of request.inputs) {
    const bytes = body.subarray(at, (at += input.parameters.binary_data_size));
    // A float array must start at a multiple of four.
    const data = new Float32Array(new Uint8Array(bytes).buffer);
    feeds[input.name] = new Tensor('float32', data, input.shape);
  }
  const results = Object.entries(await session.run(feeds));
  const head = Buffer.from(JSON.stringify({
    outputs: results.map(([name, t]) => ({
      name, datatype: 'FP32', shape: t.dims, parameters: { binary_data_size: t.data.byteLength },
    })),
  }));
  const tensors = results.map(([, t]) => Buffer.from(t.data.buffer, t.data.byteOffset, t.data.byteLength));
  return { head, answer: Buffer.concat([head, ...tensors]) };
}

const server = createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', async () => {
    try {
      const jsonLength = Number(request.headers['inference-header-content-length']);
      const { head, answer } = await infer(Buffer.concat(parts), jsonLength);
      response.writeHead(200, {
        'Content-Type': 'application/octet-stream',
        'Inference-Header-Content-Length': head.length,
        'Content-Length': answer.length,
      });
      response.end(answer);
    } catch (error) {
      const text = String(error);
      response.writeHead(500, { 'Content-Length': Buffer.byteLength(text) });
      response.end(text);
    }
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
