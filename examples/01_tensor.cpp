// 01_tensor: creating tensors, computing with them, indexing.
//
// Run:     ./run example 01_tensor       (ends at once)
// Output:
//    1  2  3
//    4  5  6
//   [ CPUFloatType{2,3} ]
//   sizes [2, 3], 6 elements, the sum is 21
//   column means: 2.5 3.5 4.5
//   x minus its row means:
//   -1  0  1
//   -1  0  1
//   [ CPUFloatType{2,3} ]
//   x times its transpose:
//    14  32
//    32  77
//   [ CPUFloatType{2,2} ]
//   after y.zero_(), where y is the last column of x: 1 2 0 4 5 0
//   select: the index must be in [-2, 1] for dimension 0 of sizes [2, 3]; got 5
#include <taper/taper.h>

#include <cstdio>
#include <iostream>

using taper::Tensor;

int main() {
  // A tensor is an array of elements of one dtype. Copies share the elements; clone() copies them.
  Tensor x = taper::tensor({{1., 2., 3.}, {4., 5., 6.}});
  std::cout << x << "\n";
  std::cout << "sizes " << x.sizes() << ", " << x.numel() << " elements, the sum is " << x.sum().item<double>() << "\n";

  // Reductions take the dimensions to reduce; item() reads a single element.
  Tensor means = x.mean(0);
  std::printf("column means: %g %g %g\n", means[0].item<double>(), means[1].item<double>(), means[2].item<double>());

  // Broadcasting: sizes are aligned at the right and 1 is expanded: [2, 3] - [2, 1] is [2, 3].
  std::cout << "x minus its row means:\n" << x - x.mean(1, /*keepdim=*/true) << "\n";
  std::cout << "x times its transpose:\n" << x.matmul(x.t()) << "\n";

  // Indexing returns views of the same memory, so changing y changes x.
  Tensor y = x.select(/*dim=*/1, /*index=*/2);
  y.zero_();
  std::printf("after y.zero_(), where y is the last column of x:");
  const float* values = x.data_ptr<float>();
  for (int64_t i = 0; i < x.numel(); ++i) std::printf(" %g", values[i]);
  std::printf("\n");

  // Invalid arguments throw an error with the reason; they are never undefined behaviour.
  try {
    x[5];
  } catch (const taper::Error& error) {
    std::printf("%s\n", error.what());
  }
}
