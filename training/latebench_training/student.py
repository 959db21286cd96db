"""The student: a BERT encoder with ColBERT's tokenisation and a linear projection."""

import string

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import BertModel

CLS, SEP, MASK = 101, 102, 103
QUERY_MARKER, DOC_MARKER = 1, 2  # [unused0], [unused1]
QUERY_MAXLEN, DOC_MAXLEN, DIM = 64, 180, 128


class Student(nn.Module):
    """Token vectors [texts, length, DIM], not normalised."""

    def __init__(self, bert: BertModel, projection: torch.Tensor):
        super().__init__()
        self.bert = bert
        self.projection = nn.Linear(bert.config.hidden_size, projection.shape[0], bias=False)
        self.projection.weight = nn.Parameter(projection.clone())
        # Word vectors stay as the base model has them, also those that the training texts never touch.
        bert.embeddings.word_embeddings.weight.requires_grad_(False)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return self.projection(self.bert(input_ids=ids, attention_mask=mask).last_hidden_state)


def query_ids(pieces: list[int]) -> list[int]:
    """`[CLS] [Q] pieces [SEP]`."""
    return [CLS, QUERY_MARKER, *pieces[: QUERY_MAXLEN - 3], SEP]


def passage_ids(pieces: list[int]) -> list[int]:
    """`[CLS] [D] pieces [SEP]`."""
    return [CLS, DOC_MARKER, *pieces[: DOC_MAXLEN - 3], SEP]


def skiplist(tokenizer: Tokenizer) -> list[int]:
    """Ids of Python's `string.punctuation`, whose passage vectors are dropped."""
    return sorted(tokenizer.token_to_id(symbol) for symbol in string.punctuation)
