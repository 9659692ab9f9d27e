package dev.reflux.distillation.network;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What lies where in an encoded row, the dense input of a network.
 *
 * @param width floats per row
 * @param parts in the order of the row, without gaps
 */
public record InputShape(int width, List<Part> parts) {

    /** A run of the row that belongs together. */
    public sealed interface Part {
        /** Index of its first float in the row. */
        int at();

        /** Floats that it takes. */
        int width();
    }

    /** Standardised numeric columns, side by side. */
    public record Numbers(int at, int width) implements Part {}

    /**
     * A standardised tensor column, row-major.
     *
     * @param shape such as {@code [channels, height, width]} of an image
     */
    public record Tensor(int at, List<Integer> shape) implements Part {
        public Tensor {
            shape = List.copyOf(shape);
        }

        @Override
        public int width() {
            return shape.stream().reduce(1, Math::multiplyExact);
        }
    }

    /** The embedding of a category. */
    public record Embedding(int at, int width) implements Part {}

    /** The pooled embeddings of a text's tokens. */
    public record Bag(int at, int width) implements Part {}

    /**
     * The embeddings of a text's first tokens, {@code [tokens, embedding]}, and behind them {@code [tokens]} a mask: 1
     * where there is a token, 0 where the embedding is padding (zeros).
     */
    public record Sequence(int at, int tokens, int embedding) implements Part {
        @Override
        public int width() {
            return tokens * (embedding + 1);
        }

        /** Index of the mask's first float in the row. */
        public int maskAt() {
            return at + tokens * embedding;
        }
    }

    public InputShape {
        parts = List.copyOf(parts);
        int at = 0;
        for (Part part : parts) {
            if (part.at() != at) {
                throw new IllegalArgumentException(
                        "input: " + part + " found, expected to begin at " + at + "; parts lie side by side");
            }
            at += part.width();
        }
        if (at != width) {
            throw new IllegalArgumentException("input: width " + width + " found, its parts take " + at);
        }
    }

    /** The first part of a kind. */
    public <P extends Part> Optional<P> first(Class<P> kind) {
        return parts.stream().filter(kind::isInstance).map(kind::cast).findFirst();
    }

    /** What there is, in the terms of the features. */
    public String inWords() {
        return parts.stream()
                .map(part -> {
                    if (part instanceof Numbers numbers) {
                        return numbers.width() + " numeric";
                    } else if (part instanceof Tensor tensor) {
                        return "a tensor " + tensor.shape();
                    } else if (part instanceof Embedding) {
                        return "a category";
                    } else {
                        return "a text";
                    }
                })
                .collect(Collectors.joining(", "));
    }

    /** Numeric columns alone. */
    public static InputShape ofNumbers(int width) {
        return new InputShape(width, List.of(new Numbers(0, width)));
    }
}
