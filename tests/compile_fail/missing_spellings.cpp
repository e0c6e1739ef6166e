// ... and with taper's own header, in whatever way it is made.
#include <taper/taper.h>

#include <memory>

namespace nn = taper::nn;

struct BracesImpl : nn::Module {
  BracesImpl() {
    register_module("unpool", nn::MaxUnpool3d{3});  // error: taper: there is no nn::MaxUnpool3d; see docs/porting.md
    attention =
        register_module("attention", nn::MultiheadAttention(4, 2));  // error: there is no nn::MultiheadAttention
  }
  nn::MultiheadAttention attention{nullptr};   // error: there is no nn::MultiheadAttention
  nn::MaxUnpool3d twice = nn::MaxUnpool3d{3};  // error: taper: there is no nn::MaxUnpool3d; see docs/porting.md
};

nn::MultiheadAttention make() { return nn::MultiheadAttention{4, 2}; }  // error: there is no nn::MultiheadAttention

void use(const taper::Tensor& x) {
  namespace F = nn::functional;
  auto braces = nn::MaxUnpool3d{3};                                     // error: taper: there is no nn::MaxUnpool3d
  auto parentheses = nn::MaxUnpool3d(3);                                // error: taper: there is no nn::MaxUnpool3d
  auto options = nn::MaxUnpool3d{nn::MaxUnpool3dOptions(3).stride(2)};  // error: taper: there is no nn::MaxUnpool3d
  nn::MaxUnpool3d direct{3};                                            // error: taper: there is no nn::MaxUnpool3d
  nn::MaxUnpool3d copied = nullptr;                                     // error: taper: there is no nn::MaxUnpool3d
  nn::MaxUnpool3d list({3, 2, 2});                                      // error: taper: there is no nn::MaxUnpool3d
  nn::MaxUnpool3d{3};                                                   // error: taper: there is no nn::MaxUnpool3d
  nn::MaxUnpool3d { 3 } -> forward(x, x);                               // error: taper: there is no nn::MaxUnpool3d
  nn::MultiheadAttention none;                                          // error: there is no nn::MultiheadAttention
  const auto [y, state] = nn::MultiheadAttention(4, 2)(x, x, x);        // error: there is no nn::MultiheadAttention
  auto shared = std::make_shared<nn::MultiheadAttentionImpl>(4, 2);     // error: there is no nn::MultiheadAttention
  nn::Sequential net(nn::Linear(3, 4), nn::AvgPool3d({2, 2, 2}));       // error: taper: there is no nn::AvgPool3d
  net->push_back(nn::AvgPool3d{2});                                     // error: taper: there is no nn::AvgPool3d
  net->push_back("pool", nn::AvgPool3d{{2, 2, 2}});                     // error: taper: there is no nn::AvgPool3d
  nn::AnyModule any(nn::Upsample{2});                                   // error: taper: there is no nn::Upsample
  auto picked = x.size(0) ? nn::Fold{2, 3} : nullptr;                   // error: taper: there is no nn::Fold
  auto z = F::max_unpool3d(x, x, F::MaxUnpool3dFuncOptions(3).stride({2, 2, 2}));  // error: there is no nn::functional
  auto lbfgs = taper::optim::LBFGS{{x}, taper::optim::LBFGSOptions(1).max_iter(4)};  // error: there is no optim::LBFGS
}
