// taper::data: datasets, transforms, samplers and the loader, as libtorch's torch::data.
//
//   auto loader = taper::data::make_data_loader<taper::data::samplers::RandomSampler>(
//       taper::data::datasets::MNIST("data")
//           .map(taper::data::transforms::Normalize<>(0.1307, 0.3081))
//           .map(taper::data::transforms::Stack<>()),
//       taper::data::DataLoaderOptions(64).workers(1));
//   for (auto& batch : *loader) train(batch.data, batch.target);   // [64, 1, 28, 28] and [64]
#pragma once

#include <taper/data/dataloader.h>
#include <taper/data/datasets/cifar10.h>
#include <taper/data/datasets/image_folder.h>
#include <taper/data/datasets/map.h>
#include <taper/data/datasets/mnist.h>
#include <taper/data/datasets/shared.h>
#include <taper/data/datasets/stateful.h>
#include <taper/data/datasets/synth_digits.h>
#include <taper/data/datasets/tensor.h>
#include <taper/data/png.h>
#include <taper/data/samplers/distributed.h>
#include <taper/data/samplers/random.h>
#include <taper/data/samplers/sequential.h>
#include <taper/data/samplers/stream.h>
#include <taper/data/transforms/lambda.h>
#include <taper/data/transforms/random_image.h>
#include <taper/data/transforms/stack.h>
#include <taper/data/transforms/tensor.h>

namespace taper::data {

using datasets::BatchDataset;
using datasets::Dataset;

}  // namespace taper::data
