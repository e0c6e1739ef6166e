// Adam, AdamW, RMSprop and Adagrad in the ways in which programs make them, change their options and look at their
// state.
#include <torch/torch.h>

#include <iomanip>
#include <iostream>

using namespace torch::optim;

struct Task {
  Task() { std::cout << std::setprecision(4); }

  void train(Optimizer& optimizer) {
    for (int i = 0; i < 3; ++i) {
      optimizer.zero_grad();
      torch::mse_loss(net->forward(x), y).backward();
      optimizer.step();
    }
    std::cout << torch::mse_loss(net->forward(x), y).item<double>() << '\n';
  }

  torch::nn::Sequential net{torch::nn::Linear(3, 4), torch::nn::Tanh(), torch::nn::Linear(4, 1)};
  torch::Tensor x = torch::randn({8, 3}), y = torch::randn({8, 1});
};

static void made_in_one_line(Task& task) {
  const auto params = task.net->parameters();
  AdamW decay(params, AdamWOptions(1e-3).weight_decay(0.1)), by_default(params), braces(params, {1e-2});
  Adam number(params, 1e-3), betas(params, AdamOptions(1e-3).betas({0.9, 0.99}).eps(1e-6).amsgrad(true));
  RMSprop rms(params, RMSpropOptions(1e-2).alpha(0.9).centered(true).momentum(0.5));
  Adagrad adagrad(params, AdagradOptions(1e-2).lr_decay(0.1));
  std::vector<Optimizer*> all = {&decay, &by_default, &braces, &number, &betas, &rms, &adagrad};
  for (Optimizer* optimizer : all) task.train(*optimizer);
  std::unique_ptr<Optimizer> owned = std::make_unique<AdamW>(params, AdamWOptions(1e-3));
  task.train(*owned);
}

static void options(Task& task) {
  AdamWOptions chained = AdamWOptions(1e-3).betas({0.9, 0.95}).eps(1e-8).weight_decay(0.1);
  auto deduced = AdamWOptions(1e-3).weight_decay(0.3);
  AdamWOptions set;
  set.lr(2e-3);
  set.weight_decay(0.4);
  AdamW a(task.net->parameters(), chained), b(task.net->parameters(), deduced), c(task.net->parameters(), set);
  for (AdamW* optimizer : {&a, &b, &c}) task.train(*optimizer);
  for (auto& group : a.param_groups()) {
    if (!group.has_options()) continue;
    auto& o = static_cast<AdamWOptions&>(group.options());
    o.lr(o.lr() * 0.1);
    o.betas(std::make_tuple(0.8, std::get<1>(o.betas())));
    o.weight_decay() = 0.2;
  }
  task.train(a);
  Adam adam(task.net->parameters(), AdamOptions());
  for (auto& group : adam.param_groups()) static_cast<AdamOptions&>(group.options()).lr(5e-3);
  static_cast<AdamOptions&>(adam.defaults()).lr(0.5);
  adam.add_param_group(OptimizerParamGroup({torch::randn({2}, torch::requires_grad())}));
  for (auto& group : adam.param_groups()) std::cout << group.options().get_lr() << '\n';
  std::cout << (chained == set) << (set == AdamWOptions(set)) << '\n';
}

static void groups(Task& task) {
  const auto params = task.net->parameters();
  std::vector<OptimizerParamGroup> groups;
  groups.emplace_back(std::vector<torch::Tensor>{params[0]},
                      std::make_unique<AdamWOptions>(AdamWOptions(1e-3).weight_decay(0)));
  groups.push_back(OptimizerParamGroup({params[1]}));
  AdamW optimizer(groups, AdamWOptions(1e-2).weight_decay(0.5));
  task.train(optimizer);
}

template <class State, class Chosen>
static State& first_state(Chosen& optimizer) {
  return static_cast<State&>(*optimizer.state().begin()->second);
}

static void states(Task& task) {
  Adam adam(task.net->parameters(), AdamOptions(1e-3));
  AdamW adamw(task.net->parameters(), AdamWOptions(1e-3).amsgrad(true));
  RMSprop rms(task.net->parameters(), RMSpropOptions(1e-3));
  Adagrad adagrad(task.net->parameters(), AdagradOptions(1e-3));
  std::vector<Optimizer*> all = {&adam, &adamw, &rms, &adagrad};
  for (Optimizer* optimizer : all) task.train(*optimizer);
  const auto& a = first_state<AdamParamState>(adam);
  std::cout << a.step() << a.exp_avg().defined() << a.exp_avg_sq().defined() << a.max_exp_avg_sq().defined() << '\n';
  const auto& w = first_state<AdamWParamState>(adamw);
  std::cout << w.step() << w.max_exp_avg_sq().defined() << '\n';
  const auto& r = first_state<RMSpropParamState>(rms);
  std::cout << r.step() << r.square_avg().defined() << r.momentum_buffer().defined() << r.grad_avg().defined() << '\n';
  const auto& g = first_state<AdagradParamState>(adagrad);
  std::cout << g.step() << g.sum().defined() << '\n';
  const torch::Tensor loss = adam.step([&] {
    adam.zero_grad();
    torch::Tensor l = torch::mse_loss(task.net->forward(task.x), task.y);
    l.backward();
    return l;
  });
  std::cout << loss.item<double>() << '\n';
}

int main() {
  torch::manual_seed(1);
  Task task;
  made_in_one_line(task);
  options(task);
  groups(task);
  states(task);
}
