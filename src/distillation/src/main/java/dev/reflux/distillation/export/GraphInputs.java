package dev.reflux.distillation.export;

import java.util.List;

/**
 * Names of the graph values that hold a batch of raw examples; what {@link dev.reflux.distillation.Examples} holds, in
 * the graph's terms.
 *
 * @param numeric float {@code [batch, numeric]}, NaN where missing; empty string when the layout has no numeric column
 * @param categories int64 {@code [batch]} per category column; missing or unknown is {@code size}, not -1
 * @param texts int64 {@code [batch, tokens]} per text column; hash buckets, -1 pads
 * @param tensors float {@code [batch, volume]} per tensor column; NaN first where missing
 */
public record GraphInputs(String numeric, List<String> categories, List<String> texts, List<String> tensors) {

    public GraphInputs {
        categories = List.copyOf(categories);
        texts = List.copyOf(texts);
        tensors = List.copyOf(tensors);
    }
}
