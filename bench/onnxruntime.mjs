// Inference by ONNX Runtime of an MLP, 784-512-256-10, and of the CNN of train_nets.cpp, both with BatchNorm: the
// shortest time of a batch. A script, as Debian does not have ONNX Runtime and its package for Node has no headers.
// `./run install onnxruntime` fetches it, `./run bench onnxruntime` runs this.
//
//   onnxruntime.mjs FOLDER_OF_NODE_MODULES [--threads N, default 1] [words that a row's name must contain]
//
// Times include the step from JavaScript into the library; the first row has it alone.
import {createRequire} from 'node:module';
import path from 'node:path';

const options = process.argv.slice(2);
const folder = path.resolve(options.shift());
let threads = 1, only = '';
while (options.length) {
  const option = options.shift();
  if (option === '--threads') threads = Number(options.shift());
  else only = option;
}
const require = createRequire(path.join(folder, 'package.json'));
const {InferenceSession, Tensor} = require('onnxruntime-node');

// ---- ONNX files: protocol buffers, in which a field is its number and kind, then a number, or a length and bytes --
const varint = n => {
  const bytes = [];
  for (; n > 127; n = Math.floor(n / 128)) bytes.push(n % 128 + 128);
  return Buffer.from([...bytes, n]);
};
const number = (field, n) => Buffer.concat([varint(8 * field), varint(n)]);
const bytes = (field, ...parts) => {
  const body = Buffer.concat(parts.map(part => Buffer.from(part)));
  return Buffer.concat([varint(8 * field + 2), varint(body.length), body]);
};

const kFloat = 1, kInts = 7, kInt = 2;  // of onnx.proto
const attribute = (name, value) => Array.isArray(value) ?
    bytes(5, bytes(1, name), ...value.map(i => number(8, i)), number(20, kInts)) :
    bytes(5, bytes(1, name), number(3, value), number(20, kInt));
const named = (field, name, sizes) => bytes(field, bytes(1, name),
    bytes(2, bytes(1, number(1, kFloat), bytes(2, ...sizes.map(n => bytes(1, number(1, n)))))));

// The layers of a net, one after the other, each on the result of the last.
class Net {
  constructor(sizes) {
    this.sizes = sizes;
    this.parts = [named(11, '0', sizes)];
    this.count = 0;
  }
  // `weights`: sizes and values
  add(type, sizes, attributes = {}, weights = []) {
    const names = weights.map((_, i) => `${this.count}.${i}`);
    for (const [i, [dims, values]] of weights.entries()) {
      this.parts.push(bytes(5, ...dims.map(n => number(1, n)), number(2, kFloat), bytes(8, names[i]),
          bytes(9, new Uint8Array(Float32Array.from(values).buffer))));
    }
    this.parts.push(bytes(1, ...[String(this.count), ...names].map(name => bytes(1, name)),
        bytes(2, String(++this.count)), bytes(4, type),
        ...Object.entries(attributes).map(([name, value]) => attribute(name, value))));
    this.sizes = sizes;
  }
  linear(out) {
    const [batch, features] = this.sizes;
    this.add('Gemm', [batch, out], {transB: 1}, [uniform([out, features], features), uniform([out], features)]);
  }
  convolution(out) {
    const [batch, channels, height, width] = this.sizes;
    this.add('Conv', [batch, out, height, width], {kernel_shape: [3, 3], pads: [1, 1, 1, 1]},
        [uniform([out, channels, 3, 3], channels * 9), uniform([out], channels * 9)]);
  }
  // weight, bias, running_mean, running_var
  norm() {
    const C = [this.sizes[1]], positive = ([sizes, values]) => [sizes, values.map(x => 1 + x / 2)];
    this.add('BatchNormalization', this.sizes, {},
        [positive(uniform(C, 1)), uniform(C, 1), uniform(C, 1), positive(uniform(C, 1))]);
    this.add('Relu', this.sizes);
  }
  pool() {
    const [batch, channels, height, width] = this.sizes;
    this.add('MaxPool', [batch, channels, height / 2, width / 2], {kernel_shape: [2, 2], strides: [2, 2]});
  }
  flatten() {
    const [batch, ...sizes] = this.sizes;
    this.add('Flatten', [batch, sizes.reduce((a, b) => a * b)]);
  }
  model() {
    const graph = bytes(7, ...this.parts, bytes(2, 'net'), named(12, String(this.count), this.sizes));
    return Buffer.concat([number(1, 8), graph, bytes(8, number(2, 15))]);  // versions of the file and of the operators
  }
}

const elements = sizes => sizes.reduce((a, b) => a * b);
function uniform(sizes, fan_in) {
  return [sizes, Array.from({length: elements(sizes)}, () => (2 * Math.random() - 1) / Math.sqrt(fan_in))];
}

function empty(batch) {
  const net = new Net([batch, 1]);
  net.add('Relu', [batch, 1]);
  return net.model();
}
function mlp(batch) {
  const net = new Net([batch, 784]);
  for (const width of [512, 256]) {
    net.linear(width);
    net.norm();
  }
  net.linear(10);
  return net.model();
}
function cnn(batch) {
  const net = new Net([batch, 1, 28, 28]);
  for (const channels of [32, 64]) {
    net.convolution(channels);
    net.norm();
    net.pool();
  }
  net.flatten();
  net.linear(128);
  net.norm();
  net.linear(10);
  return net.model();
}

// ---- times: processor time of one thread, which others on the machine do not lengthen; time by the clock for more
function seconds() {
  if (threads > 1) return performance.now() / 1e3;
  const {user, system} = process.cpuUsage();
  return (user + system) / 1e6;
}
async function time_of(step) {
  for (let i = 0; i < 5; ++i) await step();
  let best = Infinity;
  for (let round = 0; round < 10; ++round) {
    let calls = 0, time = 0;
    const start = seconds();
    do {
      await step();
      ++calls;
      time = seconds() - start;
    } while (time < 0.1);
    best = Math.min(best, time / calls);
  }
  return best;
}

async function show(row, net, batch, sizes) {
  if (!row.includes(only)) return;
  const session = await InferenceSession.create(net(batch), {intraOpNumThreads: threads, interOpNumThreads: 1});
  const x = new Tensor('float32', Float32Array.from({length: batch * elements(sizes)}, Math.random), [batch, ...sizes]);
  const time = await time_of(() => session.run({0: x}));
  console.log(`${row.padEnd(20)} ${(1e6 * time).toFixed(1).padStart(12)} us`);
}

const {version} = require('onnxruntime-node/package.json');
console.log(`ONNX Runtime ${version}, ${threads} thread${threads > 1 ? 's' : ''}`);
await show('one number', empty, 1, [1]);
for (const [name, net, sizes] of [['MLP', mlp, [784]], ['CNN', cnn, [1, 28, 28]]]) {
  for (const batch of [1, 64, 256, 1000]) await show(`${name} b${batch}`, net, batch, sizes);
}
