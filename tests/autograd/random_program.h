// Random programs of the tape: views, changes in place, values used twice, hooks, retain_grad, parts without recording,
// custom functions. Written in libtorch's words and included where `torch` is taper and where it is libtorch, after
// random_steps.h. (No include guard.)

struct Cube : torch::autograd::Function<Cube> {
  static torch::Tensor forward(torch::autograd::AutogradContext* ctx, torch::Tensor x) {
    ctx->save_for_backward({x});
    return x * x * x;
  }
  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* ctx, torch::autograd::tensor_list dy) {
    const torch::Tensor x = ctx->get_saved_variables()[0];
    return {dy[0] * 3 * x * x};
  }
};
struct Dirty : torch::autograd::Function<Dirty> {
  static torch::Tensor forward(torch::autograd::AutogradContext* ctx, torch::Tensor x) {
    x.mul_(-1.25);
    ctx->mark_dirty({x});
    return x;
  }
  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext*, torch::autograd::tensor_list dy) {
    return {dy[0] * -1.25};
  }
};
struct Halves : torch::autograd::Function<Halves> {
  static torch::autograd::tensor_list forward(torch::autograd::AutogradContext*, torch::Tensor x) {
    const torch::Tensor y = x * 0.75;
    return {y.reshape({-1}).slice(0, 0, 1), y.reshape({-1}).slice(0, 1)};
  }
  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext*, torch::autograd::tensor_list dy) {
    return {torch::cat({dy[0], dy[1]}).mul(0.75)};
  }
};
struct SameValue : torch::autograd::Function<SameValue> {
  static torch::Tensor forward(torch::autograd::AutogradContext*, torch::Tensor x) { return x; }
  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext*, torch::autograd::tensor_list dy) {
    return {dy[0] * 1};
  }
};

// A tensor of the program, whether it is a view made without recording (or of such a one), and whether it has a hook.
struct Value {
  torch::Tensor t;
  bool constant = false, hooked = false;
};

// Runs `program` from these leaves; the loss, or an empty handle where a step was refused.
inline torch::Tensor forward(const Program& program, const std::vector<torch::Tensor>& leaves, Outcome& outcome,
                             std::vector<torch::Tensor>& retained) {
  std::vector<Value> values;
  values.reserve(leaves.size() + program.steps.size());
  for (const torch::Tensor& leaf : leaves) values.push_back({leaf * 1});
  const auto pick = [&](size_t i) -> Value& { return values[values.size() - 1 - i % values.size()]; };
  const auto like = [](const torch::Tensor& x, const torch::Tensor& of) {  // x in the sizes of `of`
    return x.sizes() == of.sizes() ? x : x.mean().expand(of.sizes());
  };
  for (size_t n = 0; n < program.steps.size(); ++n) {
    const Step& s = program.steps[n];
    outcome.step = static_cast<int>(n);
    Value &a = pick(s.a), &b = pick(s.b);
    torch::Tensor x = a.t, y = b.t;
    const int64_t last = x.dim() - 1;
    // libtorch crashes on hooks of a view whose history is old, unless asked for it before.
    if (!a.constant && (s.op == Op::kHook || s.op == Op::kHookThatScales || s.op == Op::kRetain)) x.grad_fn();
    const auto add = [&](torch::Tensor t, bool constant = false) { values.push_back({std::move(t), constant}); };
    const torch::Tensor z = x.contiguous();  // libtorch's results keep the order of strides
    // One hook a tensor: libtorch loses those that are hung on it after a change if there were some before; and none on
    // views, whose old value's gradient it does not compute when they are changed.
    const bool hook = !a.constant && !a.hooked && !x.is_view() && x.requires_grad();
    switch (s.op) {
      case Op::kScale: add(z * s.c); break;
      case Op::kPlus: add(z + like(y, x).contiguous()); break;
      case Op::kTimes: add(z * like(y, x).contiguous()); break;
      case Op::kSin: add(z.sin()); break;
      case Op::kTanh: add(z.tanh()); break;
      case Op::kClone: add(z.clone()); break;
      case Op::kDetach: add(x.detach()); break;
      case Op::kSlice:
        if (x.dim() > 0 && x.size(0) > 1) add(x.slice(0, static_cast<int64_t>(s.i) % (x.size(0) - 1)), a.constant);
        break;
      case Op::kSelect:
        if (x.dim() > 0 && x.size(last) > 0) add(x.select(last, static_cast<int64_t>(s.i) % x.size(last)), a.constant);
        break;
      case Op::kTranspose:
        if (x.dim() > 1) add(x.transpose(0, last), a.constant);
        break;
      case Op::kFlatten: add(z.view({-1}), a.constant && x.is_contiguous()); break;
      case Op::kUnsqueeze: add(x.unsqueeze(0), a.constant); break;
      case Op::kSqueeze: add(x.squeeze(), a.constant); break;
      case Op::kDiagonal:
        if (x.dim() > 1) add(x.diagonal(0, 0, 1), a.constant);
        break;
      case Op::kExpand: add(x.unsqueeze(0).expand(stretched(x.sizes().vec())), a.constant); break;
      case Op::kChunk:
        if (x.dim() > 0 && x.size(0) > 1) add(x.chunk(2)[s.i % 2], a.constant);
        break;
      case Op::kMulInPlace: x.mul_(s.c); break;
      case Op::kAddInPlace: x.add_(like(y, x)); break;
      case Op::kMulByInPlace: x.mul_(like(y, x)); break;
      case Op::kCopyInPlace: x.copy_(like(y, x)); break;
      case Op::kZeroInPlace: x.zero_(); break;
      case Op::kTanhInPlace: x.tanh_(); break;
      case Op::kSinInPlace: x.sin_(); break;
      case Op::kFillInPlace: x.fill_(y.mean()); break;
      case Op::kTransposeInPlace:
        if (x.dim() > 1) x.transpose_(0, last);
        break;
      case Op::kViewWithoutGrad:
        if (x.dim() > 0 && x.size(0) > 1) {
          const torch::NoGradGuard no_grad;
          add(x.slice(0, 1), true);
        }
        break;
      case Op::kChangeWithoutGrad: {
        const torch::NoGradGuard no_grad;
        x.mul_(s.c);
        break;
      }
      case Op::kHook:
        if (!hook) break;
        a.hooked = true;
        outcome.hooks.push_back(0);
        x.register_hook([&sum = outcome.hooks, at = outcome.hooks.size() - 1](torch::Tensor g) {
          sum[at] += 1 + g.sum().template item<double>();
        });
        break;
      case Op::kHookThatScales:
        if (!hook) break;
        a.hooked = true;
        x.register_hook([c = s.c](torch::Tensor g) { return g * c; });
        break;
      case Op::kRetain:
        if (!hook) break;
        a.hooked = true;  // to libtorch it is one
        x.retain_grad();
        retained.push_back(x);
        break;
      case Op::kCube: add(Cube::apply(z)); break;
      case Op::kDirty: Dirty::apply(x); break;
      case Op::kHalves:
        if (x.numel() > 1) add(Halves::apply(x.reshape({-1}))[s.i % 2]);
        break;
      case Op::kSameValue: add(SameValue::apply(x)); break;
    }
  }
  outcome.step = -1;
  torch::Tensor loss = torch::zeros({}, torch::kFloat64);
  for (const torch::Tensor& leaf : leaves) loss = loss + leaf.sum() * 0.125;  // so that there always is a gradient
  double weight = 1;
  for (size_t i = 0; i < values.size(); ++i) {
    if (program.losses >> (i % 64) & 1) loss = loss + values[i].t.sum() * (weight = -0.8 * weight);
  }
  return loss;
}

inline Outcome run(const Program& program) {
  Outcome outcome;
  outcome.hooks.reserve(program.steps.size());
  std::vector<torch::Tensor> leaves, retained;
  for (const std::vector<double>& values : program.leaves)
    leaves.push_back(torch::tensor(values, torch::kFloat64).view({2, 2}).requires_grad_());
  const auto note = [](std::vector<double>& into, const torch::Tensor& g) {
    if (!g.defined()) return into.push_back(kNothing);
    const torch::Tensor flat = g.detach().contiguous();
    into.insert(into.end(), flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel());
  };
  try {
    const torch::Tensor loss = forward(program, leaves, outcome, retained);
    outcome.loss = loss.template item<double>();
    if (program.twice) {
      const auto g = torch::autograd::grad({loss}, leaves, {}, true, true, true);
      torch::Tensor second = leaves[0].sum();
      for (const torch::Tensor& t : g) {
        note(outcome.gradients, t);
        if (t.defined()) second = second + (t * t).sum();
      }
      second.backward();
    } else {
      loss.backward();
    }
    for (const torch::Tensor& leaf : leaves) note(outcome.gradients, leaf.grad());
    for (const torch::Tensor& t : retained) note(outcome.retained, t.grad());
  } catch (const std::exception& e) {
    outcome.error = e.what();
  }
  return outcome;
}

// The loss alone, as a function of the leaves' values.
inline double loss_at(const Program& program, const std::vector<std::vector<double>>& leaves) {
  Outcome outcome;
  std::vector<torch::Tensor> tensors, retained;
  outcome.hooks.reserve(program.steps.size());
  for (const std::vector<double>& values : leaves)
    tensors.push_back(torch::tensor(values, torch::kFloat64).view({2, 2}).requires_grad_());
  return forward(program, tensors, outcome, retained).template item<double>();
}
