# The missing headers of libtorch 1.13: a program that includes one would get the file of an installed libtorch, and two
# libraries with the same names. Each is a compile error that names it. Headers that are not listed include one
# that is: of libtorch's 8,000, the list has those that include no other missing one.
function(taper_absent_headers folder)
  foreach(name IN LISTS ARGN)
    set(path "${folder}/${name}.h")
    file(CONFIGURE OUTPUT "include/${path}" @ONLY  # an #include that fails is the one error that ends a compilation
      CONTENT "#include \"taper: there is no header <${path}>; see docs/porting.md\"\n")
  endforeach()
endfunction()
taper_absent_headers(ATen ArrayRef CollapseDims Config FuncTorchTLS FunctionalStorageImpl InitialTensorOptions
  LinalgBackend MemoryOverlap PadNd ParallelFuture ParallelNative ParallelNativeTBB ParallelOpenMP
  RegistrationDeclarations SequenceNumber Storage TensorAccessor ceil_div code_template div_rtn dlpack
  jit_macros jiterator_macros)
taper_absent_headers(ATen/core ATenGeneral ATenOpList Array CheckMemoryFormat Formatting MT19937RNGEngine Range
  ScalarType UnsafeFromTH VariableHooksInterface aten_interned_strings custom_class enum_tag enum_type
  function_schema_inl functional ivalue_to operator_name qualified_name symbol)
taper_absent_headers(ATen/core/boxing BoxedKernel_impl OperatorKernel)
taper_absent_headers(ATen/core/dispatch OperatorOptions RegistrationHandleRAII)
taper_absent_headers(ATen/cpu FlushDenormal)
taper_absent_headers(ATen/cpu/vec/vec256 missing_vld1_neon missing_vst1_neon)
taper_absent_headers(ATen/cuda ATenCUDAGeneral CUDADataType PeerToPeerAccess Sleep cub llvm_jit_strings)
taper_absent_headers(ATen/cuda/detail KernelUtils)
taper_absent_headers(ATen/cudnn Exceptions cudnn-wrapper)
taper_absent_headers(ATen/detail FunctionTraits)
taper_absent_headers(ATen/functorch Macros)
taper_absent_headers(ATen/hip/impl HIPStreamMasqueradingAsCUDA)
taper_absent_headers(ATen/native CanUse32BitIndexMath ComplexHelper CompositeRandomAccessorCommon ConvolutionMM3d
  EmbeddingBag MathBitFallThroughLists SobolEngineOpsUtils StridedRandomAccessor TensorConversions TensorDimApply
  TensorProperties TransposeType Unfold3d verbose_wrapper)
taper_absent_headers(ATen/native/cpu CopyKernel Intrinsics IsContiguous mixed_data_type)
taper_absent_headers(ATen/native/cuda Copy Distributions GridSampler IndexKernel LaunchUtils ReduceOps ScanKernels
  Sorting TensorModeKernel TensorTopK thread_constants)
taper_absent_headers(ATen/native/quantized AffineQuantizerBase Copy PackedParams)
taper_absent_headers(ATen/native/quantized/cpu BinaryOps EmbeddingPackedParams QuantUtils RuyUtils XnnpackUtils
  init_qnnpack qembeddingbag qembeddingbag_prepack)
taper_absent_headers(ATen/ops from_blob tensor)
taper_absent_headers(c10/core AutogradState CopyBytes DispatchKey OptionalRef QScheme Stream SymFloatNodeImpl
  WrapDimMinimal alignment)
taper_absent_headers(c10/core/impl alloc_cpu)
taper_absent_headers(c10/cuda CUDAAlgorithm CUDAMacros CUDAMathCompat)
taper_absent_headers(c10/macros cmake_macros)
taper_absent_headers(c10/util AlignOf BFloat16-inl Backtrace C++17 DeadlockDetection Deprecated FunctionRef Half-inl
  IdWrapper Load OptionalArrayRef ScopeExit SmallBuffer ThreadLocal ThreadLocalDebugInfo Type TypeSafeSignMath
  UniqueVoidPtr Unroll accumulate complex_math complex_utils env flat_hash_map in_place int128 llvmMathExtras
  logging_is_google_glog math_compat overloaded python_stub qint32 qint8 quint2x4 quint4x2 quint8 string_utils
  strong_type tempfile thread_name win32-headers)
taper_absent_headers(caffe2/serialize crc_alt read_adapter_interface versions)
taper_absent_headers(torch imethod)
taper_absent_headers(torch/csrc Export Module StorageMethods StorageSharing THConcat Types itt_wrapper python_headers
  serialization)
taper_absent_headers(torch/csrc/autograd forward_grad profiler_python python_fft_functions python_linalg_functions
  python_nested_functions python_nn_functions python_return_types python_sparse_functions python_special_functions
  python_torch_functions saved_variable_hooks)
taper_absent_headers(torch/csrc/autograd/generated python_functions)
taper_absent_headers(torch/csrc/autograd/utils error_messages grad_layout_contract warnings)
taper_absent_headers(torch/csrc/cuda Module device_set python_comm)
taper_absent_headers(torch/csrc/distributed/c10d debug error exception)
taper_absent_headers(torch/csrc/distributed/rpc message types)
taper_absent_headers(torch/csrc/jit resource_guard)
taper_absent_headers(torch/csrc/jit/backends backend_exception)
taper_absent_headers(torch/csrc/jit/codegen/cuda dynamic_type type)
taper_absent_headers(torch/csrc/jit/codegen/cuda/scheduler debug_utils)
taper_absent_headers(torch/csrc/jit/frontend parser_constants source_range strtod)
taper_absent_headers(torch/csrc/jit/ir graph_node_list)
taper_absent_headers(torch/csrc/jit/mobile import_export_common prim_ops_registery quantization)
taper_absent_headers(torch/csrc/jit/passes/quantization quantization_type)
taper_absent_headers(torch/csrc/jit/runtime exception_message instruction variable_tensor_list)
taper_absent_headers(torch/csrc/jit/serialization import_export_constants import_export_functions
  import_export_helpers mobile_bytecode_generated storage_context)
taper_absent_headers(torch/csrc/jit/tensorexpr cpp_intrinsics cuda_random fwd_decls intrinsic_symbols
  loopnest_randomization)
taper_absent_headers(torch/csrc/lazy/core cache ir_metadata metrics multi_wait permutation_util thread_pool unique)
taper_absent_headers(torch/csrc/lazy/ts_backend ts_autograd_functions)
taper_absent_headers(torch/csrc/onnx onnx)
taper_absent_headers(torch/csrc/profiler containers execution_graph_observer)
taper_absent_headers(torch/csrc/utils cuda_enabled cuda_lazy_init out_types pycfunction_helpers python_stub
  tensor_dtypes tensor_layouts)
taper_absent_headers(torch/data/detail queue sequencers)
taper_absent_headers(torch/nn pimpl-inl)
taper_absent_headers(torch/nn/modules _functions)
