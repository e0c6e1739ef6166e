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

// What one check works on: the outputs that can have gradients, a random cotangent for each.
class Check {
 public:
  Check(const CheckedFunction& f, const std::vector<Tensor>& inputs, const GradcheckOptions& options)
      : f_(f), inputs_(inputs), options_(options) {
    bool any = false;
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (!inputs[i].defined() || !inputs[i].requires_grad()) continue;
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
    for (const Tensor& t : y)
      cotangents_.push_back(t.is_floating_point() ? random_like(t, random).to(t.dtype()) : Tensor());

    // The derivative as training takes it and as create_graph records it may be two programs: both are checked.
    const std::vector<Tensor> gradients = analytic(false), recorded = analytic(true);
    for (size_t i = 0; i < inputs_.size(); ++i) {
      if (!gradients[i].defined()) continue;
      if (!compare(i, gradients[i], recorded[i])) return false;
    }
    return true;
  }

 private:
  std::vector<Tensor> outputs() const {
    NoGradGuard no_grad;
    return f_(inputs_);
  }

  std::vector<Tensor> analytic(bool create_graph) const {
    AutoGradMode grad_mode(true);
    const std::vector<Tensor> y = f_(inputs_);
    std::vector<Tensor> roots, cotangents, wanted;
    for (size_t k = 0; k < y.size(); ++k) {
      if (!y[k].requires_grad()) continue;
      roots.push_back(y[k]);
      cotangents.push_back(cotangents_[k]);
    }
    for (const Tensor& x : inputs_) {
      if (x.defined() && x.requires_grad()) wanted.push_back(x);
    }
    std::vector<Tensor> found(wanted.size());
    if (!roots.empty()) found = grad(roots, wanted, cotangents, create_graph, create_graph, /*allow_unused=*/true);
    std::vector<Tensor> gradients(inputs_.size());
    for (size_t i = 0, w = 0; i < inputs_.size(); ++i) {
      if (!inputs_[i].defined() || !inputs_[i].requires_grad()) continue;
      gradients[i] = found[w].defined() ? found[w].detach() : zeros_like(inputs_[i]);
      ++w;
    }
    return gradients;
  }

  // <cotangents, f(inputs)>
  double value() const {
    const std::vector<Tensor> y = outputs();
    double sum = 0;
    for (size_t k = 0; k < y.size(); ++k) {
      if (cotangents_[k].defined()) sum += product_sum(cotangents_[k].to(kFloat64), y[k].detach().to(kFloat64));
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
      const double one = gradient.reshape({-1})[n].item<double>(), two = recorded.reshape({-1})[n].item<double>();
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
    AutoGradMode grad_mode(true);
    const std::vector<Tensor> own(x.begin(), x.begin() + static_cast<long>(n));
    std::vector<Tensor> roots, cotangents, wanted;
    size_t k = n;
    for (const Tensor& y : f(own)) {
      if (!y.is_floating_point()) continue;
      if (y.requires_grad()) {
        roots.push_back(y);
        cotangents.push_back(x[k].to(y.dtype()));
      }
      ++k;
    }
    for (const Tensor& t : own) {
      if (t.defined() && t.requires_grad()) wanted.push_back(t);
    }
    if (roots.empty()) return std::vector<Tensor>();
    std::vector<Tensor> dx = grad(roots, wanted, cotangents, true, true, /*allow_unused=*/true);
    std::erase_if(dx, [](const Tensor& t) { return !t.defined(); });
    return dx;
  };
  return gradcheck(gradient, all, options);
}

}  // namespace taper::autograd
