#error "taper: there is no TorchScript; build the model in C++ and load its weights from safetensors (docs/porting.md)"
