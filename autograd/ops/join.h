// Tensors joined to one (copies), and one cut into several (views). Joined dtypes promote; the gradient of each is its
// part of dy. Joining no tensors is an Error, a dimension out of range an IndexError.
#pragma once

#include <taper/core/tensor.h>

#include <string_view>

namespace taper {

// ---- joined ---------------------------------------------------------------------------------------------------------

// One after the other along dim: [..., n_i, ...] -> [..., sum n_i, ...]. Tensors of sizes [0] are left out. An Error
// unless the other sizes agree, and for zero-dim tensors.
TAPER_API Tensor cat(TensorList tensors, int64_t dim = 0);
inline Tensor concat(TensorList tensors, int64_t dim = 0) { return cat(tensors, dim); }
// Along a new dimension: n of sizes [...] -> [..., n, ...]. An Error unless all sizes are the same.
TAPER_API Tensor stack(TensorList tensors, int64_t dim = 0);
// cat of atleast_1d along dim 1 (0 of vectors); of atleast_2d along dim 0; of atleast_3d along dim 2.
TAPER_API Tensor hstack(TensorList tensors);
TAPER_API Tensor vstack(TensorList tensors);
inline Tensor row_stack(TensorList tensors) { return vstack(tensors); }
TAPER_API Tensor dstack(TensorList tensors);
// Vectors [n], as columns, and matrices [n, m_i] side by side: [n, ...].
TAPER_API Tensor column_stack(TensorList tensors);
// The matrices [m_i, n_i] along the diagonal of [sum m_i, sum n_i], which is 0 elsewhere. An Error for more dimensions.
TAPER_API Tensor block_diag(TensorList tensors);

// All stretched to the sizes they broadcast to; views.
TAPER_API std::vector<Tensor> broadcast_tensors(TensorList tensors);
// Vectors [n_0], [n_1], ... as the axes of a grid: y_i[k_0, k_1, ...] = x_i[k_i]. indexing "xy" swaps the first two
// dimensions of the results. ValueError for other names, TypeError for different dtypes.
TAPER_API std::vector<Tensor> meshgrid(TensorList tensors, std::string_view indexing = "ij");
// All tuples of elements, one of each vector, as rows: [n_0 n_1 ..., number of vectors].
TAPER_API Tensor cartesian_prod(TensorList tensors);
// All choices of r elements of a vector, in order, as rows: [C(n, r), r].
TAPER_API Tensor combinations(const Tensor& x, int64_t r = 2, bool with_replacement = false);

// ---- cut into views along dim; a zero-dim tensor is an Error --------------------------------------------------------

// Parts of split_size, the last one smaller; or of the sizes given. ValueError unless these add up to the size of dim.
TAPER_API std::vector<Tensor> split(const Tensor& x, int64_t split_size, int64_t dim = 0);
TAPER_API std::vector<Tensor> split_with_sizes(const Tensor& x, IntArrayRef split_sizes, int64_t dim = 0);
// Parts of size ceil(size / chunks): at most `chunks`. ValueError for chunks < 1.
TAPER_API std::vector<Tensor> chunk(const Tensor& x, int64_t chunks, int64_t dim = 0);
// x.select(dim, i) for every i.
TAPER_API std::vector<Tensor> unbind(const Tensor& x, int64_t dim = 0);
// `sections` parts whose sizes differ by at most 1, the larger ones first; or cut before `indices`. The third form
// takes either as a tensor of int64, zero-dim or a vector.
TAPER_API std::vector<Tensor> tensor_split(const Tensor& x, int64_t sections, int64_t dim = 0);
TAPER_API std::vector<Tensor> tensor_split(const Tensor& x, IntArrayRef indices, int64_t dim = 0);
TAPER_API std::vector<Tensor> tensor_split(const Tensor& x, const Tensor& indices_or_sections, int64_t dim = 0);
// The same along dim 1 (0 of a vector), 0 and 2. ValueError unless `sections` divides the size.
TAPER_API std::vector<Tensor> hsplit(const Tensor& x, int64_t sections);
TAPER_API std::vector<Tensor> hsplit(const Tensor& x, IntArrayRef indices);
TAPER_API std::vector<Tensor> vsplit(const Tensor& x, int64_t sections);
TAPER_API std::vector<Tensor> vsplit(const Tensor& x, IntArrayRef indices);
TAPER_API std::vector<Tensor> dsplit(const Tensor& x, int64_t sections);
TAPER_API std::vector<Tensor> dsplit(const Tensor& x, IntArrayRef indices);

}  // namespace taper
