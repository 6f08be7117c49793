"""What a network runs on."""

from solvers.errors import InputError
from tools.detection.loaded import first_line
from tools.ultralytics_guard import import_ultralytics

CUDA_BATCH = 16
MPS_BATCH = 4


def choose_device(device: str | None) -> str:
    """The device of that name, or the best one that is there: an NVIDIA GPU, else Apple's, else the CPU.

    InputError where the one that is named cannot be used here.
    """
    import_ultralytics()
    import torch
    from ultralytics.utils.torch_utils import select_device

    if device is None:
        if torch.cuda.is_available():
            return "cuda:0"
        return "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        return str(select_device(device, verbose=False))
    except (ValueError, RuntimeError) as error:
        raise InputError(f"the device {device!r} cannot be used here: {first_line(error)}") from error


def is_cuda(device: str) -> bool:
    """Whether a device is a GPU of NVIDIA's."""
    return device.startswith("cuda")


def default_batch(device: str) -> int:
    """How many tiles a device looks at in one go; a CPU gains nothing by more than one."""
    if is_cuda(device):
        return CUDA_BATCH
    return MPS_BATCH if device == "mps" else 1
