// Runs a TensorFlow.js graph model by tfjs itself: node tensorflow_js.cjs MODEL.json INPUT.npy OUTPUT_FOLDER NODE=NAME...
// The output of graph node NODE becomes OUTPUT_FOLDER/NAME.f32. README.md in this folder says how to install tfjs.
const fs = require('fs');
const path = require('path');
const tf = require('@tensorflow/tfjs');

function readNpy(file) {
  const bytes = fs.readFileSync(file);
  const start = 10 + bytes.readUInt16LE(8);
  const shape = /'shape': \(([^)]*)\)/.exec(bytes.toString('latin1', 10, start))[1];
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length));
  return tf.tensor(values, shape.split(',').filter((size) => size.trim()).map(Number), 'float32');
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
