"""Tiny random models for what the zoo lacks, with reference outputs in double precision.

Usage: python make_variants.py OUT_FOLDER      Needs: torch, transformers, safetensors, numpy.
Each folder holds config.json + weights as `transformers` saves them (some sharded, some in half precision), and
expected.safetensors: input_ids [T] i64, logits [T, vocab] f32, attention.{i} [head, query, key] f32, computed in float64
from the stored weights read as float32.
"""
import json
import os
import sys

import torch
import transformers as tf
from safetensors.torch import save_file

V = 61
BASE = dict(vocab_size=V, bos_token_id=0, eos_token_id=1, pad_token_id=2)
LLAMA = dict(**BASE, hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=48)
GPT2 = dict(**BASE, n_embd=24, n_layer=3, n_head=4, n_positions=48)


def variants():
    yield "llama-linear", tf.LlamaForCausalLM, tf.LlamaConfig(**LLAMA, rope_scaling={"type": "linear", "factor": 4.0, "rope_theta": 5000.0}), {}
    yield "llama-llama3", tf.LlamaForCausalLM, tf.LlamaConfig(**{**LLAMA, "hidden_size": 64, "max_position_embeddings": 256}, rope_scaling={
        "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 32, "rope_theta": 10000.0}), {}
    yield "llama-biases-head-dim", tf.LlamaForCausalLM, tf.LlamaConfig(**LLAMA, head_dim=10, attention_bias=True, mlp_bias=True, tie_word_embeddings=True, rms_norm_eps=1e-3, hidden_act="gelu"), {}
    yield "llama-sharded-bf16", tf.LlamaForCausalLM, tf.LlamaConfig(**LLAMA), {"shard": "12KB", "dtype": torch.bfloat16}
    yield "mistral-window", tf.MistralForCausalLM, tf.MistralConfig(**LLAMA, sliding_window=5), {}
    yield "gpt2-own-head-inner-f16", tf.GPT2LMHeadModel, tf.GPT2Config(**GPT2, n_inner=36, tie_word_embeddings=False, scale_attn_by_inverse_layer_idx=True, layer_norm_epsilon=1e-3, activation_function="relu"), {"dtype": torch.float16}
    yield "gpt2-unscaled-gelu", tf.GPT2LMHeadModel, tf.GPT2Config(**GPT2, scale_attn_weights=False, activation_function="gelu"), {"no_prefix": True}


def main(out):
    for k, (name, cls, config, options) in enumerate(variants()):
        torch.manual_seed(k + 1)
        config._attn_implementation = "eager"
        model = cls(config).eval()
        generator = torch.Generator().manual_seed(500 + k)
        for n, p in model.named_parameters():
            with torch.no_grad():
                if p.ndim >= 2:
                    p.copy_((0.7 if "embed" in n or "wte" in n or "wpe" in n else 1.6 / p.shape[-1] ** 0.5) * torch.randn(p.shape, generator=generator))
                else:
                    p.copy_(p + 0.25 * torch.randn(p.shape, generator=generator))
        model.tie_weights()
        model = model.to(options.get("dtype", torch.float32))
        folder = os.path.join(out, name)
        model.save_pretrained(folder, **({"max_shard_size": options["shard"]} if "shard" in options else {}))
        for extra in ("generation_config.json",):
            if os.path.exists(os.path.join(folder, extra)):
                os.remove(os.path.join(folder, extra))
        model = cls.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval().to(torch.float64)
        if options.get("no_prefix"):
            from safetensors.torch import load_file
            path = os.path.join(folder, "model.safetensors")
            save_file({n.removeprefix("transformer."): t for n, t in load_file(path).items()}, path, metadata={"format": "pt"})
        ids = torch.randint(3, V, (23,), generator=torch.Generator().manual_seed(900 + k))
        with torch.no_grad():
            result = model(input_ids=ids[None], output_attentions=True, use_cache=False)
        expected = {"input_ids": ids, "logits": result.logits[0].float().contiguous()}
        for i, a in enumerate(result.attentions):
            expected[f"attention.{i}"] = a[0].float().contiguous()
        save_file(expected, os.path.join(folder, "expected.safetensors"), metadata={"library": f"transformers {tf.__version__}, torch {torch.__version__}", "precision": "computed in float64, stored as float32"})
        print(name, float(result.logits.std()))


main(sys.argv[1])
