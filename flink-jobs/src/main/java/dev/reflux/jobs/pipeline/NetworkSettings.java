package dev.reflux.jobs.pipeline;

import dev.reflux.distillation.network.Activation;
import dev.reflux.distillation.network.CnnSpec;
import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.OptionException;
import dev.reflux.jobs.pipeline.options.Options;
import dev.reflux.jobs.pipeline.options.Variant;
import java.util.List;
import java.util.Map;

/** Which network to build. */
public sealed interface NetworkSettings {

    /** A multi-layer perceptron. */
    @Variant("mlp")
    record Mlp(
            @Option(
                    description = "Width of each hidden layer; an empty list makes a linear model",
                    defaultValue = "[128, 128]",
                    range = "[1, 65536]")
            List<Integer> hidden,

            @Option(description = "Non-linearity after each hidden layer", defaultValue = "relu")
            Activation activation,

            @Option(description = "Normalise each hidden layer before its activation", defaultValue = "false")
            boolean layerNorm,

            @Option(
                    description = "Add a hidden layer's input to its output where both have the same width",
                    defaultValue = "false")
            boolean residual,

            @Option(
                    description =
                            "Width of the embedding of each category and text column; 0 chooses by the number of codes",
                    defaultValue = "0",
                    range = "[0, 4096]")
            int embedding)
            implements NetworkSettings {
        public Mlp {
            hidden = List.copyOf(hidden);
            Options.check(Mlp.class, hidden, activation, layerNorm, residual, embedding);
        }
    }

    /** A convolutional network on images and signals. */
    @Variant("cnn")
    record Cnn(
            @Option(
                    description = "Feature maps of each block, which halves the sides",
                    defaultValue = "[16, 32]",
                    range = "[1, 4096]",
                    count = "[1, 16]")
            List<Integer> channels,

            @Option(description = "Side of the convolutions, odd", defaultValue = "3", range = "[1, 31]")
            int kernel,

            @Option(
                    description =
                            "How a block halves the sides: pool takes the largest of two by two; stride looks at every second place, a quarter of the work",
                    defaultValue = "pool")
            CnnSpec.Downsampling downsampling,

            @Option(
                    description = "Blocks of two convolutions beside a shortcut, in place of one convolution",
                    defaultValue = "false")
            boolean residual,

            @Option(description = "Non-linearity after each convolution and dense layer", defaultValue = "relu")
            Activation activation,

            @Option(
                    description =
                            "From the last feature maps to a vector: flatten takes all of them, average the mean of each, which is smaller and learns more slowly",
                    defaultValue = "flatten")
            CnnSpec.Readout readout,

            @Option(
                    description = "Width of each dense layer between the readout and the head",
                    defaultValue = "[]",
                    range = "[1, 65536]")
            List<Integer> hidden)
            implements NetworkSettings {
        public Cnn {
            channels = List.copyOf(channels);
            hidden = List.copyOf(hidden);
            Options.check(Cnn.class, channels, kernel, downsampling, residual, activation, readout, hidden);
            if (kernel % 2 == 0) {
                throw new OptionException(
                        "kernel", kernel + " found, must be odd: only then do the maps keep their size");
            }
        }
    }

    /** A bag of hashed words. */
    @Variant("text")
    record Text(
            @Option(description = "Width of the embedding of each token", defaultValue = "64", range = "[1, 4096]")
            int embedding,

            @Option(
                    description = "Width of each hidden layer between texts and head; without any it learns fastest",
                    defaultValue = "[]",
                    range = "[1, 65536]")
            List<Integer> hidden,

            @Option(description = "Non-linearity after each hidden layer", defaultValue = "tanh")
            Activation activation)
            implements NetworkSettings {
        public Text {
            hidden = List.copyOf(hidden);
            Options.check(Text.class, embedding, hidden, activation);
        }
    }

    /** A small encoder of texts that knows the order of the words. */
    @Variant("transformer")
    record Transformer(
            @Option(
                    description = "Tokens of each text that are read; the rest is cut off",
                    defaultValue = "64",
                    range = "[1, 4096]")
            int tokens,

            @Option(description = "Width of the embeddings and of the blocks", defaultValue = "32", range = "[1, 4096]")
            int width,

            @Option(
                    description = "Heads of the attention; they divide the width",
                    defaultValue = "2",
                    range = "[1, 64]")
            int heads,

            @Option(description = "Blocks of attention and feed-forward layer", defaultValue = "1", range = "[1, 48]")
            int depth,

            @Option(description = "Width of the hidden layer of each block", defaultValue = "64", range = "[1, 65536]")
            int feedForward)
            implements NetworkSettings {
        public Transformer {
            Options.check(Transformer.class, tokens, width, heads, depth, feedForward);
            if (width % heads != 0) {
                throw new OptionException("heads", heads + " found with a width of " + width + ", must divide it");
            }
        }
    }

    /** A network of the user's own. */
    @Variant("custom")
    record Custom(
            @Option(description = "What its NetworkProvider, on the class path, calls itself")
            String name,

            @Option(description = "Its own options, name to value", defaultValue = "{}")
            Map<String, String> options)
            implements NetworkSettings {
        public Custom {
            options = Options.copyInOrder(options);
            Options.check(Custom.class, name, options);
        }
    }
}
