// DataLoader: batches of a dataset in the order of a sampler, fetched by worker threads if there are any.
//
//   auto loader = make_data_loader<samplers::SequentialSampler>(dataset, DataLoaderOptions(64).workers(2));
//   for (auto& batch : *loader) { ... }      // one epoch; the next loop is the next epoch
//
// With enforce_ordering (the default) the batches are the same, in the same order, for any number of workers: the
// sampler's and the transforms' random numbers are drawn by the calling thread. A loop may be left early; the next one
// begins a new epoch. A loader must be used from one thread at a time.
//
// taper::save(*loader, path) saves the position in the epoch, and the loop over a loaded loader resumes there:
// StatelessDataLoader::save.
#pragma once

#include <taper/data/dataloader_options.h>
#include <taper/data/loader_state.h>
#include <taper/data/samplers/random.h>
#include <taper/data/transforms/base.h>
#include <taper/data/worker_exception.h>
#include <taper/data/worker_pool.h>

#include <concepts>
#include <iterator>
#include <map>

namespace taper::data {

namespace detail {
// Errors of iterators and loaders.
[[noreturn]] TAPER_API void throw_past_the_end(const char* what);
[[noreturn]] TAPER_API void throw_stale_iterator();
[[noreturn]] TAPER_API void throw_timeout(uint64_t batch, const Timeout& timeout);
}  // namespace detail

// An input iterator over batches; a default-constructed one is the end. Copies share their position. The first
// batch is fetched on first access, so an error while fetching it is thrown there.
template <class Batch>
class Iterator {
 public:
  using difference_type = std::ptrdiff_t;
  using value_type = Batch;
  using pointer = Batch*;
  using reference = Batch&;
  using iterator_category = std::input_iterator_tag;

  Iterator() = default;
  // `next` returns the next batch, nullopt at the end.
  explicit Iterator(std::function<optional<Batch>()> next) : state_(std::make_shared<State>(std::move(next))) {}

  Iterator& operator++() {
    if (at_end()) detail::throw_past_the_end("advance");
    // Freed first: its memory is reused for the next one. If that throws, the next access fetches the batch after it.
    state_->batch.reset();
    state_->fetched = false;
    state_->fetch();
    return *this;
  }
  Batch& operator*() const {
    if (at_end()) detail::throw_past_the_end("read");
    return *state_->batch;
  }
  Batch* operator->() const { return &**this; }
  friend bool operator==(const Iterator& a, const Iterator& b) {
    if (a.state_ == b.state_) return true;
    return a.at_end() && b.at_end();
  }

 private:
  struct State {
    explicit State(std::function<optional<Batch>()> n) : next(std::move(n)) {}
    void fetch() {
      if (fetched) return;
      batch = next();
      fetched = true;
    }
    std::function<optional<Batch>()> next;
    optional<Batch> batch;
    bool fetched = false;
  };

  bool at_end() const {
    if (!state_) return true;
    state_->fetch();
    return !state_->batch;
  }

  std::shared_ptr<State> state_;
};

// The common base of both loaders: jobs, workers, epochs. Batch is what a loop gets, BatchRequest the argument of the
// dataset's get_batch.
template <class Dataset, class Batch, class BatchRequest>
class DataLoaderBase {
 public:
  using BatchType = Batch;
  using BatchRequestType = BatchRequest;

  DataLoaderBase(const DataLoaderBase&) = delete;
  DataLoaderBase& operator=(const DataLoaderBase&) = delete;
  virtual ~DataLoaderBase() {
    if (!pool_ || !pool_->lost()) return;
    // Objects that workers of the parent process were using may be half changed here and cannot be destroyed.
    new std::vector<Job>(std::move(jobs_));
    new std::vector<Dataset>(std::move(datasets_));
  }

  // Begins an epoch. An unfinished one ends, and its iterators can only be compared or destroyed. After load() the
  // saved epoch is resumed.
  Iterator<BatchType> begin() {
    join_epoch();
    if (!resumed_) {
      running_ = false;
      replayed_.clear();
      reset();
      batches_ = 0;
      if constexpr (transforms::Reseedable<Dataset>) epoch_seed_ = transforms::detail::draw_seed();
    }
    resumed_ = false;
    running_ = true;
    ++epoch_;
    returned_ = batches_ - replayed_.size();
    if (pool_) {
      // All jobs are in the list before the first is pushed: the workers read it.
      while (jobs_.size() < options_.max_jobs) {
        optional<Job> job = next_job();
        if (!job) break;
        jobs_.push_back(std::move(*job));
      }
      for (size_t slot = 0; slot < jobs_.size(); ++slot) pool_->push(slot);
    }
    return Iterator<BatchType>([this, epoch = epoch_] { return next(epoch); });
  }
  Iterator<BatchType> end() { return {}; }

  // Ends the epoch: drops prefetched batches and waits for the workers. begin() and the destructor do so, too.
  void join() {
    join_epoch();
    running_ = resumed_ = false;
  }

  const FullDataLoaderOptions& options() const noexcept { return options_; }

 protected:
  using Requests = std::map<uint64_t, BatchRequestType>;  // by batch number

  // `datasets`: one for all workers or one per worker. Workers use nothing else, so that members of a derived class may
  // be destroyed before they end.
  DataLoaderBase(std::vector<Dataset> datasets, const FullDataLoaderOptions& options)
      : options_(options), datasets_(std::move(datasets)) {
    if (options_.workers > 0) {
      pool_ = std::make_unique<detail::WorkerPool>(options_.workers, [this](size_t worker, size_t slot) {
        Job& job = jobs_[slot];
        try {
          job.batch = fetch(datasets_[worker < datasets_.size() ? worker : 0], job);
        } catch (...) {
          job.error = std::current_exception();
        }
      });
    }
  }

  // Called by the calling thread: reset() when an epoch begins and no worker is running, then get_batch_request() for
  // each batch, which returns nullopt at the end.
  virtual void reset() = 0;
  virtual optional<BatchRequestType> get_batch_request() = 0;

  Dataset& main_dataset() { return datasets_[0]; }
  optional<size_t> dataset_size() const { return datasets_[0].size(); }

  detail::LoaderState place() const {
    detail::LoaderState state{running_, batches_, epoch_seed_, {}};
    if (!running_) return state;
    if constexpr (!std::copy_constructible<BatchRequestType>) {
      if (pool_) detail::throw_no_numbers();
    }
    for (const Requests* list : {&prefetched_, &replayed_}) {
      for (const auto& [number, request] : *list) state.ahead.emplace_back(number, detail::numbers_of(request));
    }
    return state;
  }
  // The next begin() resumes there.
  void resume(const detail::LoaderState& state, Requests replayed) {
    join_epoch();
    ++epoch_;
    replayed_ = std::move(replayed);
    batches_ = state.batches;
    epoch_seed_ = state.seed;
    running_ = resumed_ = state.running;
  }

  const FullDataLoaderOptions options_;

 private:
  struct Job {
    BatchRequestType request;
    uint64_t number;  // of the batch in its epoch
    optional<BatchType> batch;
    std::exception_ptr error;
  };

  optional<Job> next_job() {
    if (!replayed_.empty()) {
      auto request = replayed_.extract(replayed_.begin());
      return job_of(request.key(), std::move(request.mapped()));
    }
    optional<BatchRequestType> request = get_batch_request();
    if (!request) return nullopt;
    return job_of(batches_++, std::move(*request));
  }
  Job job_of(uint64_t number, BatchRequestType request) {
    // The worker moves from the job's copy.
    if constexpr (std::copy_constructible<BatchRequestType>) {
      if (pool_) prefetched_.emplace(number, request);
    }
    return Job{std::move(request), number, nullopt, nullptr};
  }

  // nullopt: a stateful dataset is exhausted.
  optional<BatchType> fetch(Dataset& dataset, Job& job) {
    optional<BatchType> batch;
    const auto get = [&] {
      if constexpr (transforms::Reseedable<Dataset>) dataset.reseed(transforms::detail::mix(epoch_seed_, job.number));
      batch = dataset.get_batch(std::move(job.request));
    };
    // Workers that share the dataset share its random number generator as well.
    if (transforms::Reseedable<Dataset> && Dataset::is_stateful && pool_) {
      pool_->one_at_a_time(get);
    } else {
      get();
    }
    return batch;
  }

  optional<BatchType> next(uint64_t epoch) {
    if (epoch != epoch_) detail::throw_stale_iterator();
    if (!pool_) {
      optional<Job> job = next_job();
      if (!job) return end_epoch();
      return fetch(datasets_[0], *job);
    }
    while (pool_->in_flight() > 0) {
      const optional<double> timeout = options_.timeout ? optional<double>(options_.timeout->milliseconds) : nullopt;
      const optional<size_t> slot = pool_->pop(options_.enforce_ordering, timeout);
      if (!slot) detail::throw_timeout(returned_, *options_.timeout);
      Job job = std::move(jobs_[*slot]);
      prefetched_.erase(job.number);
      if (!job.batch && !job.error) continue;  // the dataset is exhausted; other jobs may still have a batch
      ++returned_;
      if (optional<Job> refill = next_job()) {
        jobs_[*slot] = std::move(*refill);
        pool_->push(*slot);
      }
      if (job.error) throw WorkerException(std::move(job.error), job.number);
      return std::move(job.batch);
    }
    return end_epoch();
  }

  optional<BatchType> end_epoch() {
    running_ = false;
    return nullopt;
  }

  void join_epoch() {
    if (pool_) pool_->drain();
    jobs_.clear();
    prefetched_.clear();
    returned_ = 0;
  }

  std::vector<Dataset> datasets_;
  std::vector<Job> jobs_;  // by slot
  uint64_t epoch_ = 0;
  uint64_t epoch_seed_ = 0;
  uint64_t batches_ = 0;                      // requested in this epoch
  uint64_t returned_ = 0;                     // batches and errors returned to the program in this epoch
  bool running_ = false;                      // an epoch whose end the program has not seen
  bool resumed_ = false;                      // that epoch was loaded; the next begin() resumes it
  Requests prefetched_;                       // requested, not yet returned to the program
  Requests replayed_;                         // the same of the loader that was saved: they come first
  std::unique_ptr<detail::WorkerPool> pool_;  // last: its threads end before the members that they use
};

// A loader that takes its batches from a sampler.
template <class Dataset, class Sampler>
class StatelessDataLoader
    : public DataLoaderBase<Dataset, typename Dataset::BatchType, typename Sampler::BatchRequestType> {
 public:
  using Base = DataLoaderBase<Dataset, typename Dataset::BatchType, typename Sampler::BatchRequestType>;
  using typename Base::BatchRequestType;
  static_assert(std::is_convertible_v<BatchRequestType, typename Dataset::BatchRequestType>,
                "the sampler must give what the dataset takes: indices for most, numbers of samples (StreamSampler) "
                "for a stream");

  // Each worker gets a copy of the dataset, made here. Throws ValueError for invalid options (FullDataLoaderOptions).
  StatelessDataLoader(Dataset dataset, Sampler sampler, const DataLoaderOptions& options)
      : StatelessDataLoader(std::move(dataset), std::move(sampler), FullDataLoaderOptions(options)) {}

  // The position in the running epoch with the sampler's state; prefetched batches count as not yet returned. After
  // load(), into a loader of the same dataset, the next loop resumes with the batch after the last one that the program
  // got, with any number of workers; a state saved between two epochs begins the next one. (An epoch is over when its
  // loop has reached the end; one that was left early is resumed.) The sampler and random transforms draw from the
  // default generator when an epoch begins; its state is saved separately. load() throws Error for anything but the
  // state of such a loader and leaves this one unchanged; save() throws NotImplementedError for a sampler that cannot
  // be saved.
  void save(serialize::OutputArchive& archive) const {
    detail::save_loader(archive, this->place(), this->dataset_size(),
                        [&](serialize::OutputArchive& to) { sampler_.save(to); });
  }
  void load(serialize::InputArchive& archive) {
    const optional<size_t> size = this->dataset_size();
    const detail::LoaderState state = detail::read_loader(archive, size);
    typename Base::Requests replayed;
    for (const auto& [number, request] : state.ahead) {
      if (std::is_same_v<BatchRequestType, std::vector<size_t>>) detail::check_indices(archive, request, size);
      replayed.emplace(number, detail::request_of<BatchRequestType>(request));
    }
    detail::load_sampler(archive, [&](serialize::InputArchive& from) { sampler_.load(from); });
    this->resume(state, std::move(replayed));
  }

 private:
  StatelessDataLoader(Dataset dataset, Sampler sampler, const FullDataLoaderOptions& options)
      : Base(copies(std::move(dataset), options.workers), options), sampler_(std::move(sampler)) {}

  static std::vector<Dataset> copies(Dataset dataset, size_t workers) {
    std::vector<Dataset> datasets;
    datasets.reserve(workers > 0 ? workers : 1);
    for (size_t i = 0; i < workers; ++i) datasets.push_back(dataset);
    if (workers == 0) datasets.push_back(std::move(dataset));
    return datasets;
  }

  void reset() override { sampler_.reset(nullopt); }
  optional<BatchRequestType> get_batch_request() override {
    const FullDataLoaderOptions& options = this->options_;
    optional<BatchRequestType> request = sampler_.next(options.batch_size);
    if (!request || request->size() == 0 || (options.drop_last && request->size() < options.batch_size)) return nullopt;
    return request;
  }

  Sampler sampler_;
};

// A loader for a stateful dataset, which itself chooses the samples and ends the epoch (datasets/stateful.h): all
// workers share one dataset. drop_last is ignored.
template <class Dataset>
class StatefulDataLoader
    : public DataLoaderBase<Dataset, typename Dataset::BatchType::value_type, typename Dataset::BatchRequestType> {
 public:
  using Base = DataLoaderBase<Dataset, typename Dataset::BatchType::value_type, typename Dataset::BatchRequestType>;
  using typename Base::BatchRequestType;

  // Throws ValueError for invalid options.
  StatefulDataLoader(Dataset dataset, const DataLoaderOptions& options)
      : Base(only(std::move(dataset)), FullDataLoaderOptions(options)) {}

 private:
  static std::vector<Dataset> only(Dataset dataset) {
    std::vector<Dataset> datasets;
    datasets.push_back(std::move(dataset));
    return datasets;
  }

  void reset() override { this->main_dataset().reset(); }
  optional<BatchRequestType> get_batch_request() override { return BatchRequestType(this->options_.batch_size); }
};

// A loader with the given sampler.
template <class Dataset, class Sampler>
requires(!Dataset::is_stateful) std::unique_ptr<StatelessDataLoader<Dataset, Sampler>> make_data_loader(
    Dataset dataset, Sampler sampler, DataLoaderOptions options) {
  return std::make_unique<StatelessDataLoader<Dataset, Sampler>>(std::move(dataset), std::move(sampler), options);
}

// A loader whose sampler is constructed from the size of the dataset; RandomSampler by default:
//   make_data_loader<samplers::SequentialSampler>(dataset, 64)
template <class Sampler = samplers::RandomSampler, class Dataset>
requires(!Dataset::is_stateful && std::is_constructible_v<Sampler, size_t>)
    std::unique_ptr<StatelessDataLoader<Dataset, Sampler>> make_data_loader(Dataset dataset,
                                                                            DataLoaderOptions options = {}) {
  const optional<size_t> size = dataset.size();
  TAPER_CHECK_VALUE(size.has_value(),
                    "make_data_loader: the dataset must have a size to make its sampler from; this one has "
                    "none; pass a sampler, for example samplers::StreamSampler");
  return make_data_loader(std::move(dataset), Sampler(*size), options);
}

// A loader of a stateful dataset.
template <class Dataset>
requires(Dataset::is_stateful) std::unique_ptr<StatefulDataLoader<Dataset>> make_data_loader(
    Dataset dataset, DataLoaderOptions options = {}) {
  return std::make_unique<StatefulDataLoader<Dataset>>(std::move(dataset), options);
}

}  // namespace taper::data
