#include <taper/autograd/autograd.h>
#include <taper/core/factories.h>
#include <taper/core/random.h>

#include <cmath>

namespace taper::autograd {
namespace {

using taper::detail::str;

// <u, v> over all elements, in double.
double product_sum(const Tensor& u, const Tensor& v) { return (u * v).sum().item<double>(); }

Tensor random_like(const Tensor& like, Generator& random) {
  Tensor v = empty(like.sizes(), kFloat64);
  double* values = v.data_ptr<double>();
  for (int64_t i = 0; i < v.numel(); ++i) values[i] = random.normal();
  return v;
}

bool needs_grad(const Tensor& x) { return x.defined() && x.requires_grad(); }

// The gradients of <cotangents, f(x)> for those of x that require grad, in order; undefined for those that f does not
// depend on. There is a cotangent for each floating-point output.
std::vector<Tensor> gradients_of(const CheckedFunction& f, const std::vector<Tensor>& x, ArrayRef<Tensor> cotangents,
                                 bool create_graph) {
  AutoGradMode grad_mode(true);
  std::vector<Tensor> roots, seeds, wanted;
  size_t k = 0;
  for (const Tensor& y : f(x)) {
    if (!y.is_floating_point()) continue;
    const Tensor& cotangent = cotangents[k++];
    if (!y.requires_grad()) continue;
    roots.push_back(y);
    seeds.push_back(cotangent.to(y.dtype()));
  }
  for (const Tensor& t : x) {
    if (needs_grad(t)) wanted.push_back(t);
  }
  if (roots.empty()) return std::vector<Tensor>(wanted.size());
  return grad(roots, wanted, seeds, create_graph, create_graph, /*allow_unused=*/true);
}

// What one check works on: a random cotangent for each output that can have a gradient.
class Check {
 public:
  Check(const CheckedFunction& f, const std::vector<Tensor>& inputs, const GradcheckOptions& options)
      : f_(f), inputs_(inputs), options_(options) {
    bool any = false;
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (!needs_grad(inputs[i])) continue;
      any = true;
      TAPER_CHECK_TYPE(inputs[i].dtype() == kFloat64,
                       "gradcheck: inputs that require grad must be float64, differences of ", inputs[i].dtype(),
                       " are too coarse; input ", i);
      for (int64_t d = 0; d < inputs[i].dim(); ++d) {
        TAPER_CHECK_VALUE(inputs[i].stride(d) != 0 || inputs[i].size(d) < 2, "gradcheck: the elements of input ", i,
                          " must be apart in memory; clone() the expanded tensor");
      }
    }
    TAPER_CHECK_VALUE(any, "gradcheck: at least one input must require grad");
  }

  bool run() {
    const std::vector<Tensor> y = outputs();
    std::vector<Tensor> again = outputs();
    for (size_t k = 0; k < y.size(); ++k) {
      if (!isclose(y[k], again[k], 0, 0, /*equal_nan=*/true).all().item<bool>()) {
        return fail(str("f must give the same result each time; output ", k, " differs between two calls"));
      }
    }
    again.clear();
    Generator random(options_.seed);
    for (const Tensor& t : y) {
      if (t.is_floating_point()) cotangents_.push_back(random_like(t, random).to(t.dtype()));
    }

    // The derivative as training takes it and as create_graph records it may be two programs: both are checked.
    const std::vector<Tensor> gradients = gradients_of(f_, inputs_, cotangents_, false);
    const std::vector<Tensor> recorded = gradients_of(f_, inputs_, cotangents_, true);
    size_t w = 0;
    for (size_t i = 0; i < inputs_.size(); ++i) {
      if (!needs_grad(inputs_[i])) continue;
      if (!compare(i, gradients[w], recorded[w])) return false;
      ++w;
    }
    return true;
  }

 private:
  std::vector<Tensor> outputs() const {
    NoGradGuard no_grad;
    return f_(inputs_);
  }

  // <cotangents, f(inputs)>
  double value() const {
    double sum = 0;
    size_t k = 0;
    for (const Tensor& y : outputs()) {
      if (y.is_floating_point()) sum += product_sum(cotangents_[k++].to(kFloat64), y.detach().to(kFloat64));
    }
    return sum;
  }

  bool compare(size_t i, const Tensor& gradient, const Tensor& recorded) {
    NoGradGuard no_grad;
    const Tensor x = inputs_[i].detach();
    DimVector at(x.sizes().size());
    double* data = x.data_ptr<double>();
    for (int64_t n = 0; n < x.numel(); ++n) {
      int64_t rest = n, offset = 0;
      for (size_t d = at.size(); d-- > 0;) {
        at[d] = rest % x.impl()->sizes()[d];
        rest /= x.impl()->sizes()[d];
        offset += at[d] * x.impl()->strides()[d];
      }
      double& element = data[offset];
      const double before = element;
      const double up = before + options_.eps, down = before - options_.eps;
      element = up;
      const double above = value();
      element = down;
      const double below = value();
      element = before;
      const double numeric = (above - below) / (up - down);
      const auto element_of = [n](const Tensor& t) { return t.defined() ? t.reshape({-1})[n].item<double>() : 0; };
      const double one = element_of(gradient), two = element_of(recorded);
      const auto differs = [&](double a) {
        return !(std::abs(a - numeric) <= options_.atol + options_.rtol * std::abs(numeric));
      };
      if (differs(one) || differs(two)) {
        return fail(str("the derivative of input ", i, " at ", at, " must be ", numeric, " (central difference, step ",
                        options_.eps, "); backward gives ", one, ", with create_graph ", two));
      }
    }
    return true;
  }

  bool fail(const std::string& why) const {
    if (options_.raise_exception) throw Error("gradcheck: " + why);
    return false;
  }

  const CheckedFunction& f_;
  const std::vector<Tensor>& inputs_;
  const GradcheckOptions& options_;
  std::vector<Tensor> cotangents_;
};

}  // namespace

bool gradcheck(const CheckedFunction& f, const std::vector<Tensor>& inputs, const GradcheckOptions& options) {
  return Check(f, inputs, options).run();
}

bool gradgradcheck(const CheckedFunction& f, const std::vector<Tensor>& inputs, const GradcheckOptions& options) {
  // The gradient as a function of the inputs and of the cotangents, which are inputs like the others.
  std::vector<Tensor> all = inputs;
  {
    NoGradGuard no_grad;
    Generator random(options.seed + 1);
    for (const Tensor& y : f(inputs)) {
      if (y.is_floating_point()) all.push_back(random_like(y, random).requires_grad_());
    }
  }
  const size_t n = inputs.size();
  const CheckedFunction gradient = [&f, n](const std::vector<Tensor>& x) {
    const std::vector<Tensor> own(x.begin(), x.begin() + static_cast<long>(n));
    std::vector<Tensor> dx = gradients_of(f, own, ArrayRef<Tensor>(x).slice(n), true);
    std::erase_if(dx, [](const Tensor& t) { return !t.defined(); });
    return dx;
  };
  return gradcheck(gradient, all, options);
}

}  // namespace taper::autograd
