// Runs a TensorFlow.js graph model by tfjs itself: node tensorflow_js.cjs MODEL.json INPUT.npy OUTPUT_FOLDER NODE=NAME...
// The output of graph node NODE becomes OUTPUT_FOLDER/NAME.f32. README.md in this folder says how to install tfjs.
const fs = require('fs');
const path = require('path');
const tf = require('@tensorflow/tfjs');

function readNpy(file) {
  const bytes = fs.readFileSync(file);
  const start = 10 + bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, start);
  const shape = /'shape': \(([^)]*)\)/.exec(header)[1].split(',').filter((size) => size.trim()).map(Number);
  const content = bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length);
  return header.includes("'<i4'")
    ? tf.tensor(new Int32Array(content), shape, 'int32')
    : tf.tensor(new Float32Array(content), shape, 'float32');
}

async function main([modelFile, inputFile, folder, ...outputs]) {
  const model = JSON.parse(fs.readFileSync(modelFile, 'utf8'));
  const weights = Buffer.concat(model.weightsManifest.flatMap((group) => group.paths)
    .map((name) => fs.readFileSync(path.join(path.dirname(modelFile), name))));
  await tf.setBackend('cpu');
  const graph = await tf.loadGraphModel({
    load: async () => ({
      modelTopology: model.modelTopology,
      weightSpecs: model.weightsManifest.flatMap((group) => group.weights),
      weightData: weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.length),
      signature: model.signature,
    }),
  });
  const nodes = outputs.map((pair) => pair.split('=')[0]);
  const answers = graph.execute(readNpy(inputFile), nodes);
  fs.mkdirSync(folder, { recursive: true });
  outputs.forEach((pair, i) => {
    const answer = Array.isArray(answers) ? answers[i] : answers;
    fs.writeFileSync(path.join(folder, `${pair.split('=')[1]}.f32`), Buffer.from(answer.dataSync().buffer));
  });
}

main(process.argv.slice(2));
