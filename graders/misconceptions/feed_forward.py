"""What goes wrong with FeedForward."""

import torch
from torch import Tensor, nn

from solutions.layers import FeedForward


class no_relu(FeedForward):
    """There is no ReLU between your linear maps, and two linear maps in a row are only one linear map.

    Hint: double x. Without biases, does your output just double, too?
    """

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(self.fc1(x))


class relu_last(FeedForward):
    """Your ReLU comes after the second map, so nothing that is added to the residual path is ever negative.

    Hint: is your output ever negative?
    """

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.fc2(self.fc1(x)))


class relu_both(FeedForward):
    """You put a ReLU after both maps; after the second one it forbids the layer ever to lower a feature.

    Hint: is your output ever negative?
    """

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.fc2(torch.relu(self.fc1(x))))


class relu_first(FeedForward):
    """You cut off the negative features of the input; the ReLU belongs on the wide vector between the two maps.

    Hint: change a feature of x from -1 to -2. Who notices?
    """

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(self.fc1(torch.relu(x)))


class sizes_swapped(FeedForward):
    """Your first map narrows and your second one widens: the constructor's sizes are swapped.

    Hint: what are the shapes of fc1 and fc2 when d_ff is larger than d_model?
    """

    def __init__(self, d_model: int, d_ff: int) -> None:
        super().__init__(d_ff, d_model)


class maps_swapped(FeedForward):
    """You apply fc2 before fc1: that fails unless d_ff equals d_model, and then the weights meet in the wrong order.

    Hint: which of the two maps takes d_model features?
    """

    def forward(self, x: Tensor) -> Tensor:
        return self.fc1(torch.relu(self.fc2(x)))


class flattens_sequence(FeedForward):
    """You flatten batch and length into one axis, and hand back the tokens without telling which sample is whose.

    Hint: what is the shape of your output for x of shape (2, 5, d_model)?
    """

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(torch.relu(self.fc1(x.reshape(-1, x.size(-1)))))


class gelu(FeedForward):
    """You use GELU, as BERT and GPT-2 do; the paper's formula in section 3.3, and this exercise, have ReLU.

    Hint: what does your function between the maps make of -1?
    """

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(nn.functional.gelu(self.fc1(x)))


class dropout_always(FeedForward):
    """You drop hidden units on every call, in eval() as well; this network has no dropout inside at all.

    Hint: call it twice with the same x.
    """

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(nn.functional.dropout(torch.relu(self.fc1(x))))


class residual_inside(FeedForward):
    """You add the input to the result; the residual connection is made once, outside, by add_and_norm.

    Hint: with all weights at zero, what should come out?
    """

    def forward(self, x: Tensor) -> Tensor:
        return x + self.fc2(torch.relu(self.fc1(x)))


class biases_forgotten(FeedForward):
    """You multiply by the weights, but leave out the biases of the two maps.

    Hint: what should come out for x = 0?
    """

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x @ self.fc1.weight.T) @ self.fc2.weight.T


class mixes_positions(FeedForward):
    """You flip length and features before the maps, so they mix positions: only attention may do that.

    Hint: permute the positions of x: is your output permuted in the same way?
    """

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(torch.relu(self.fc1(x.transpose(1, 2)))).transpose(1, 2)


class changes_x_in_place(FeedForward):
    """You write into the caller's tensor, which the residual connection still needs as it was.

    Hint: look at x after the call.
    """

    def forward(self, x: Tensor) -> Tensor:
        return x.copy_(self.fc2(torch.relu(self.fc1(x))))
