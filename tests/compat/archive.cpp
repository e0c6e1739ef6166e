// Archives: values of all kinds, archives in archives, one stream that is loaded twice.
#include <torch/torch.h>

#include <iostream>
#include <sstream>

using IValue = c10::IValue;

int main() {
  torch::serialize::OutputArchive out, nested;
  out.write("epoch", 5);
  out.write("rate", IValue(0.125));
  out.write("best", true);
  out.write("name", "net");
  out.write("sizes", std::vector<int64_t>{1, 2, 3});
  out.write("nothing", IValue());
  out.write("tensor", IValue(torch::ones({2})));
  out.write("plain", torch::arange(3));
  nested.write("step", int64_t{7});
  out.write("nested", nested);
  std::stringstream stream;
  out.save_to(stream);

  for (int i = 0; i < 2; ++i) {
    torch::serialize::InputArchive in, inner;
    in.load_from(stream);
    IValue value;
    in.read("epoch", value);
    std::cout << value.toInt() << "\n";
    in.read("rate", value);
    std::cout << value.toDouble() << "\n";
    in.read("best", value);
    std::cout << value.toBool() << "\n";
    in.read("name", value);
    std::cout << value.toStringRef() << "\n";
    in.read("sizes", value);
    std::cout << value.toIntVector()[1] << value.toIntVector().size() << "\n";
    in.read("nothing", value);
    std::cout << value.isNone() << "\n";
    in.read("plain", value);
    std::cout << value.isTensor() << value.isInt() << value.isDouble() << "\n" << value.toTensor() << "\n";
    torch::Tensor tensor;
    in.read("tensor", tensor);
    std::cout << tensor << "\n" << in.try_read("epoch", tensor) << in.try_read("other", value) << "\n";
    in.read("nested", inner);
    inner.read("step", value);
    std::cout << value.toInt() << " of " << in.keys().size() << "\n";
  }

  torch::nn::Linear a(2, 3), b(2, 3), c(2, 3);
  std::stringstream model;
  torch::save(a, model);
  torch::load(b, model);
  torch::load(c, model);
  std::cout << torch::equal(a->weight, b->weight) << torch::equal(a->bias, c->bias) << "\n";
}
