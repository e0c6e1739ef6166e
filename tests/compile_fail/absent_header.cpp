// A header that is not here does not come from a libtorch that is installed: it stops the compiler.
#include <torch/torch.h>

#include <c10/util/accumulate.h>  // error: taper: there is no header <c10/util/accumulate.h>; see docs/porting.md
#include <c10/util/overloaded.h>

int main() { return some_nonsense; }
