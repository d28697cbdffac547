"""What goes wrong with greedy_decode.

Every variant is written on the same few lines, so that what differs is what is wrong.
"""

from typing import Any

import torch
from torch import Tensor


def _write(model: Any, source: Tensor, memory: Tensor, first: int, eos_id: int, max_len: int) -> Tensor:
    """The loop as it should be: (B, 1 + n) with the first token."""
    tokens = torch.full((source.shape[0], 1), first, dtype=torch.int64)
    ended = torch.zeros(source.shape[0], dtype=torch.bool)
    for _ in range(max_len):
        token = model.decode(tokens, memory, source)[:, -1].argmax(dim=-1).masked_fill(ended, model.pad_id)
        tokens = torch.cat([tokens, token.unsqueeze(-1)], dim=-1)
        ended = ended | (token == eos_id)
        if ended.all():
            break
    return tokens


def no_bos(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """You start the decoder with padding instead of BOS: it was trained to begin after BOS.

    Hint: what does the decoder read before it has written anything?
    Seen: teaching
    """
    was_training = model.training
    model.eval()
    with torch.no_grad():
        tokens = _write(model, source, model.encode(source), model.pad_id, eos_id, max_len)
    model.train(was_training)
    return tokens[:, 1:]


def starts_with_source(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """You start the decoder with the first token of the source instead of BOS.

    Hint: what does the decoder read before it has written anything?
    Seen: teaching
    """
    was_training = model.training
    model.eval()
    with torch.no_grad():
        memory = model.encode(source)
        tokens = source[:, :1]
        ended = torch.zeros(source.shape[0], dtype=torch.bool)
        for _ in range(max_len):
            token = model.decode(tokens, memory, source)[:, -1].argmax(dim=-1).masked_fill(ended, model.pad_id)
            tokens = torch.cat([tokens, token.unsqueeze(-1)], dim=-1)
            ended = ended | (token == eos_id)
            if ended.all():
                break
    model.train(was_training)
    return tokens[:, 1:]


def first_position(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """You read the logits of the first position, which always speak about the first token: you repeat it for ever.

    Hint: which position of the logits speaks about the token that comes next?
    Seen: teaching
    """
    was_training = model.training
    model.eval()
    with torch.no_grad():
        memory = model.encode(source)
        tokens = torch.full((source.shape[0], 1), bos_id, dtype=torch.int64)
        ended = torch.zeros(source.shape[0], dtype=torch.bool)
        for _ in range(max_len):
            token = model.decode(tokens, memory, source)[:, 0].argmax(dim=-1).masked_fill(ended, model.pad_id)
            tokens = torch.cat([tokens, token.unsqueeze(-1)], dim=-1)
            ended = ended | (token == eos_id)
            if ended.all():
                break
    model.train(was_training)
    return tokens[:, 1:]


def argmax_over_batch(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """You take the argmax over the sentences of the batch; the most likely *token* is on the last axis.

    Hint: which shape has your argmax, and which numbers can come out of it?
    Seen: teaching
    """
    was_training = model.training
    model.eval()
    with torch.no_grad():
        memory = model.encode(source)
        tokens = torch.full((source.shape[0], 1), bos_id, dtype=torch.int64)
        ended = torch.zeros(source.shape[0], dtype=torch.bool)
        for _ in range(max_len):
            token = model.decode(tokens, memory, source)[:, -1].argmax(dim=0).masked_fill(ended, model.pad_id)
            tokens = torch.cat([tokens, token.unsqueeze(-1)], dim=-1)
            ended = ended | (token == eos_id)
            if ended.all():
                break
    model.train(was_training)
    return tokens[:, 1:]


def least_likely(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """You take the token with the smallest logit: the least likely one.

    Hint: is a large logit likely or unlikely?
    Seen: teaching
    """
    was_training = model.training
    model.eval()
    with torch.no_grad():
        memory = model.encode(source)
        tokens = torch.full((source.shape[0], 1), bos_id, dtype=torch.int64)
        ended = torch.zeros(source.shape[0], dtype=torch.bool)
        for _ in range(max_len):
            token = model.decode(tokens, memory, source)[:, -1].argmin(dim=-1).masked_fill(ended, model.pad_id)
            tokens = torch.cat([tokens, token.unsqueeze(-1)], dim=-1)
            ended = ended | (token == eos_id)
            if ended.all():
                break
    model.train(was_training)
    return tokens[:, 1:]


def samples(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """You draw the next token at random; greedy decoding takes the most likely one and always writes the same text.

    Hint: call it twice. Do you write the same text?
    Seen: teaching
    """
    was_training = model.training
    model.eval()
    with torch.no_grad():
        memory = model.encode(source)
        tokens = torch.full((source.shape[0], 1), bos_id, dtype=torch.int64)
        ended = torch.zeros(source.shape[0], dtype=torch.bool)
        for _ in range(max_len):
            probabilities = model.decode(tokens, memory, source)[:, -1].softmax(dim=-1)
            token = torch.multinomial(probabilities, 1).squeeze(-1).masked_fill(ended, model.pad_id)
            tokens = torch.cat([tokens, token.unsqueeze(-1)], dim=-1)
            ended = ended | (token == eos_id)
            if ended.all():
                break
    model.train(was_training)
    return tokens[:, 1:]


def feeds_only_last_token(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """You feed the decoder the last token alone: it forgets all else that it has written, and takes it for the first.

    Hint: how does the decoder know what it has said three steps ago?
    Seen: teaching
    """
    was_training = model.training
    model.eval()
    with torch.no_grad():
        memory = model.encode(source)
        tokens = torch.full((source.shape[0], 1), bos_id, dtype=torch.int64)
        ended = torch.zeros(source.shape[0], dtype=torch.bool)
        for _ in range(max_len):
            logits = model.decode(tokens[:, -1:], memory, source)
            token = logits[:, -1].argmax(dim=-1).masked_fill(ended, model.pad_id)
            tokens = torch.cat([tokens, token.unsqueeze(-1)], dim=-1)
            ended = ended | (token == eos_id)
            if ended.all():
                break
    model.train(was_training)
    return tokens[:, 1:]


def prepends(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """You put new tokens before the old ones: the text grows backwards, and BOS ends up last.

    Hint: print the decoder's input after three steps.
    Seen: teaching
    """
    was_training = model.training
    model.eval()
    with torch.no_grad():
        memory = model.encode(source)
        tokens = torch.full((source.shape[0], 1), bos_id, dtype=torch.int64)
        ended = torch.zeros(source.shape[0], dtype=torch.bool)
        for _ in range(max_len):
            token = model.decode(tokens, memory, source)[:, -1].argmax(dim=-1).masked_fill(ended, model.pad_id)
            tokens = torch.cat([token.unsqueeze(-1), tokens], dim=-1)
            ended = ended | (token == eos_id)
            if ended.all():
                break
    model.train(was_training)
    return tokens[:, :-1]


def no_eos_stop(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """You take no notice of EOS: every row goes on to max_len and says more than it meant to.

    Hint: what stands in a row after its EOS?
    Seen: teaching
    """
    was_training = model.training
    model.eval()
    with torch.no_grad():
        memory = model.encode(source)
        tokens = torch.full((source.shape[0], 1), bos_id, dtype=torch.int64)
        for _ in range(max_len):
            token = model.decode(tokens, memory, source)[:, -1].argmax(dim=-1)
            tokens = torch.cat([tokens, token.unsqueeze(-1)], dim=-1)
    model.train(was_training)
    return tokens[:, 1:]


def runs_to_max_len(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """You pad the rows that have ended, but go on to max_len even when all of them have: wasted steps, useless columns.

    Hint: how many columns do you return when every row ends at its second token?
    Seen: teaching
    """
    was_training = model.training
    model.eval()
    with torch.no_grad():
        memory = model.encode(source)
        tokens = torch.full((source.shape[0], 1), bos_id, dtype=torch.int64)
        ended = torch.zeros(source.shape[0], dtype=torch.bool)
        for _ in range(max_len):
            token = model.decode(tokens, memory, source)[:, -1].argmax(dim=-1).masked_fill(ended, model.pad_id)
            tokens = torch.cat([tokens, token.unsqueeze(-1)], dim=-1)
            ended = ended | (token == eos_id)
    model.train(was_training)
    return tokens[:, 1:]


def global_stop(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """You stop as soon as any row has ended, and cut off all others in mid-sentence.

    Hint: give it two rows, one that ends at once and one that takes its time.
    Seen: teaching
    """
    was_training = model.training
    model.eval()
    with torch.no_grad():
        memory = model.encode(source)
        tokens = torch.full((source.shape[0], 1), bos_id, dtype=torch.int64)
        for _ in range(max_len):
            token = model.decode(tokens, memory, source)[:, -1].argmax(dim=-1)
            tokens = torch.cat([tokens, token.unsqueeze(-1)], dim=-1)
            if (token == eos_id).any():
                break
    model.train(was_training)
    return tokens[:, 1:]


def first_row_decides(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """You look for EOS in the first row only: when that one ends all rows stop, and until then none is padded.

    Hint: give it two rows, of which the second ends first.
    Seen: teaching
    """
    was_training = model.training
    model.eval()
    with torch.no_grad():
        memory = model.encode(source)
        tokens = torch.full((source.shape[0], 1), bos_id, dtype=torch.int64)
        for _ in range(max_len):
            token = model.decode(tokens, memory, source)[:, -1].argmax(dim=-1)
            tokens = torch.cat([tokens, token.unsqueeze(-1)], dim=-1)
            if token[0].item() == eos_id:
                break
    model.train(was_training)
    return tokens[:, 1:]


def only_together(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """You stop when all rows say EOS in the very same step, which hardly ever happens: a row's EOS must be remembered.

    Hint: a row that ended two steps ago has ended. Where do you keep that?
    Seen: teaching
    """
    was_training = model.training
    model.eval()
    with torch.no_grad():
        memory = model.encode(source)
        tokens = torch.full((source.shape[0], 1), bos_id, dtype=torch.int64)
        for _ in range(max_len):
            token = model.decode(tokens, memory, source)[:, -1].argmax(dim=-1)
            tokens = torch.cat([tokens, token.unsqueeze(-1)], dim=-1)
            if (token == eos_id).all():
                break
    model.train(was_training)
    return tokens[:, 1:]


def ended_rows_keep_talking(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """You stop at the right time, but rows that ended earlier go on talking after their EOS.

    Hint: what stands in a row after its EOS? It should be model.pad_id.
    Seen: teaching
    """
    was_training = model.training
    model.eval()
    with torch.no_grad():
        memory = model.encode(source)
        tokens = torch.full((source.shape[0], 1), bos_id, dtype=torch.int64)
        ended = torch.zeros(source.shape[0], dtype=torch.bool)
        for _ in range(max_len):
            token = model.decode(tokens, memory, source)[:, -1].argmax(dim=-1)
            tokens = torch.cat([tokens, token.unsqueeze(-1)], dim=-1)
            ended = ended | (token == eos_id)
            if ended.all():
                break
    model.train(was_training)
    return tokens[:, 1:]


def eos_repeated(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """You fill rows that have ended with EOS; it is said once, and after it comes model.pad_id.

    Hint: how many EOS does a row hold?
    Seen: teaching
    """
    was_training = model.training
    model.eval()
    with torch.no_grad():
        memory = model.encode(source)
        tokens = torch.full((source.shape[0], 1), bos_id, dtype=torch.int64)
        ended = torch.zeros(source.shape[0], dtype=torch.bool)
        for _ in range(max_len):
            token = model.decode(tokens, memory, source)[:, -1].argmax(dim=-1).masked_fill(ended, eos_id)
            tokens = torch.cat([tokens, token.unsqueeze(-1)], dim=-1)
            ended = ended | (token == eos_id)
            if ended.all():
                break
    model.train(was_training)
    return tokens[:, 1:]


def pads_with_zero(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """You fill rows that have ended with 0; padding is model.pad_id, which may be another token.

    Hint: try a model whose pad_id is 2.
    Seen: teaching
    """
    was_training = model.training
    model.eval()
    with torch.no_grad():
        memory = model.encode(source)
        tokens = torch.full((source.shape[0], 1), bos_id, dtype=torch.int64)
        ended = torch.zeros(source.shape[0], dtype=torch.bool)
        for _ in range(max_len):
            token = model.decode(tokens, memory, source)[:, -1].argmax(dim=-1).masked_fill(ended, 0)
            tokens = torch.cat([tokens, token.unsqueeze(-1)], dim=-1)
            ended = ended | (token == eos_id)
            if ended.all():
                break
    model.train(was_training)
    return tokens[:, 1:]


def eos_dropped(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """You wipe out EOS: the reader can no longer tell a row that ended from one that was cut off at max_len.

    Hint: what stands in the place where a row ended?
    Seen: teaching
    """
    was_training = model.training
    model.eval()
    with torch.no_grad():
        tokens = _write(model, source, model.encode(source), bos_id, eos_id, max_len)[:, 1:]
    model.train(was_training)
    return tokens.masked_fill(tokens == eos_id, model.pad_id)


def returns_prompt_twice(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """You return BOS along with the text: whoever puts it before the text, as the decoder needs it, then has it twice.

    Hint: what is the first column of your result?
    Seen: teaching
    """
    was_training = model.training
    model.eval()
    with torch.no_grad():
        tokens = _write(model, source, model.encode(source), bos_id, eos_id, max_len)
    model.train(was_training)
    return tokens


def one_token_short(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """You count BOS as one of the max_len tokens, so that the longest text is one token short.

    Hint: with a model that never says EOS, how many columns do you return?
    Seen: teaching
    """
    was_training = model.training
    model.eval()
    with torch.no_grad():
        tokens = _write(model, source, model.encode(source), bos_id, eos_id, max_len - 1)
    model.train(was_training)
    return tokens[:, 1:]


def one_token_long(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """You run one step more than max_len.

    Hint: with a model that never says EOS, how many columns do you return?
    Seen: teaching
    """
    was_training = model.training
    model.eval()
    with torch.no_grad():
        tokens = _write(model, source, model.encode(source), bos_id, eos_id, max_len + 1)
    model.train(was_training)
    return tokens[:, 1:]


def dropout_on(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """You write in whatever mode the model is in: in training mode dropout garbles every step.

    Hint: call model.train() first. In which mode do you write?
    Seen: teaching
    """
    with torch.no_grad():
        return _write(model, source, model.encode(source), bos_id, eos_id, max_len)[:, 1:]


def mode_not_restored(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """You leave the model in evaluation mode: a training loop that shows samples now and then goes on without dropout.

    Hint: what is model.training before and after?
    Seen: teaching
    """
    model.eval()
    with torch.no_grad():
        return _write(model, source, model.encode(source), bos_id, eos_id, max_len)[:, 1:]


def always_training_afterwards(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """You put the model into training mode at the end, also if the caller had it in evaluation mode.

    Hint: call it twice on a model in evaluation mode. What is model.training in between?
    Seen: teaching
    """
    model.eval()
    with torch.no_grad():
        tokens = _write(model, source, model.encode(source), bos_id, eos_id, max_len)
    model.train()
    return tokens[:, 1:]


def gradient_recorded(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """You record gradients that nobody will use: memory grows with every step that you write.

    Hint: do the logits require a gradient inside your loop?
    Seen: teaching
    """
    was_training = model.training
    model.eval()
    tokens = _write(model, source, model.encode(source), bos_id, eos_id, max_len)
    model.train(was_training)
    return tokens[:, 1:]


def gradient_recorded_in_encoder(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """Your encoder still records gradients: only the loop is protected, not the call before it.

    Hint: does the memory require a gradient?
    Seen: teaching
    """
    was_training = model.training
    model.eval()
    memory = model.encode(source)
    with torch.no_grad():
        tokens = _write(model, source, memory, bos_id, eos_id, max_len)
    model.train(was_training)
    return tokens[:, 1:]


def gradients_left_off(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """You switch gradients off for good: the next training step of the caller learns nothing, or crashes.

    Hint: what is torch.is_grad_enabled() after your call?
    Seen: teaching
    """
    was_training = model.training
    model.eval()
    torch.set_grad_enabled(False)
    tokens = _write(model, source, model.encode(source), bos_id, eos_id, max_len)
    model.train(was_training)
    return tokens[:, 1:]


def encoder_every_step(model: Any, source: Tensor, bos_id: int, eos_id: int, max_len: int) -> Tensor:
    """You encode the source again in every step, though it has not changed: once is enough.

    Hint: how often is model.encode called for a text of ten tokens?
    Seen: teaching
    """
    was_training = model.training
    model.eval()
    with torch.no_grad():
        tokens = torch.full((source.shape[0], 1), bos_id, dtype=torch.int64)
        ended = torch.zeros(source.shape[0], dtype=torch.bool)
        for _ in range(max_len):
            logits = model.decode(tokens, model.encode(source), source)
            token = logits[:, -1].argmax(dim=-1).masked_fill(ended, model.pad_id)
            tokens = torch.cat([tokens, token.unsqueeze(-1)], dim=-1)
            ended = ended | (token == eos_id)
            if ended.all():
                break
    model.train(was_training)
    return tokens[:, 1:]
