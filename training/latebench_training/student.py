"""The student: some layers of a BERT encoder, a bridge over the layers that are left out, and a linear projection."""

import string

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import BertModel

CLS, SEP, MASK = 101, 102, 103
QUERY_MARKER, DOC_MARKER = 1, 2  # [unused0], [unused1]
QUERY_MAXLEN, DOC_MAXLEN, DIM = 64, 180, 128


class Student(nn.Module):
    """
    Token vectors [texts, length, DIM], not normalised.

    `bridge` is a linear map behind the first `front` layers. `imitation` maps the last hidden states to the teachers', side
    by side, for training alone. Both heads stay float32, whatever the encoder has.
    """

    def __init__(self, bert: BertModel, front: int, teachers: int):
        super().__init__()
        hidden = bert.config.hidden_size
        self.bert, self.front = bert, front
        self.bridge = nn.Linear(hidden, hidden)
        self.imitation = nn.Linear(hidden, teachers * hidden, bias=False)
        self.projection = nn.Linear(hidden, DIM, bias=False)
        # Word vectors stay as the base model has them, also those that the training texts never touch.
        bert.embeddings.word_embeddings.weight.requires_grad_(False)

    def on(self, where: torch.device) -> "Student":
        """Moves everything to a device, and the encoder to bfloat16."""
        self.to(where)
        self.bert.to(torch.bfloat16)
        self.bridge.to(torch.bfloat16)
        return self

    def front_states(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """What the bridge reads, [texts, length, hidden]."""
        return run_layers(self.bert.encoder.layer[: self.front], self.bert.embeddings(input_ids=ids), mask)

    def hidden_states(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The last layer's output, float32 [texts, length, hidden]."""
        bridged = self.bridge(self.front_states(ids, mask))
        return run_layers(self.bert.encoder.layer[self.front :], bridged, mask).float()

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return self.projection(self.hidden_states(ids, mask))


def run_layers(layers: nn.ModuleList, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Applies BERT layers; positions with mask 0 are not attended to."""
    bias = ((1 - mask) * -1e4)[:, None, None, :].to(states.dtype)
    for layer in layers:
        states = layer(states, attention_mask=bias)[0]
    return states


def query_ids(pieces: list[int]) -> list[int]:
    """`[CLS] [Q] pieces [SEP]`."""
    return [CLS, QUERY_MARKER, *pieces[: QUERY_MAXLEN - 3], SEP]


def passage_ids(pieces: list[int]) -> list[int]:
    """`[CLS] [D] pieces [SEP]`."""
    return [CLS, DOC_MARKER, *pieces[: DOC_MAXLEN - 3], SEP]


def skiplist(tokenizer: Tokenizer) -> list[int]:
    """Ids of Python's `string.punctuation`, whose passage vectors are dropped."""
    return sorted(tokenizer.token_to_id(symbol) for symbol in string.punctuation)
