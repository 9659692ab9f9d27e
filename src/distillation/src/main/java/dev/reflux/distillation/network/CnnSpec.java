package dev.reflux.distillation.network;

import java.util.List;

/**
 * A convolutional network for images {@code [channels, height, width]} and signals {@code [channels, length]}: {@code
 * channels.size()} blocks that each halve the sides, a readout, hidden dense layers, a linear head. The first tensor of two
 * or three dimensions goes through the convolutions; everything else in a row (numbers, other tensors, embeddings of
 * categories and texts) is put beside the readout.
 *
 * @param channels feature maps of each block
 * @param kernel side of the convolutions, odd, so that maps keep their size
 * @param downsampling how a block halves the sides
 * @param residual blocks of two convolutions beside a shortcut (He et al. 2016), in place of one convolution
 * @param activation after each convolution and each dense layer
 * @param readout from the last feature maps to a vector
 * @param hidden width of each dense layer between readout and head
 */
public record CnnSpec(
        List<Integer> channels,
        int kernel,
        Downsampling downsampling,
        boolean residual,
        Activation activation,
        Readout readout,
        List<Integer> hidden)
        implements NetworkSpec {

    /** How a block halves the sides. */
    public enum Downsampling {
        /** The largest of each two by two outputs. */
        POOL,
        /** The block's first convolution looks at every second place: a quarter of the work. */
        STRIDE
    }

    /** From the last feature maps to a vector. */
    public enum Readout {
        /** Mean of each map: few parameters, the same wherever in the image. */
        AVERAGE,
        /** All of them: knows where, and learns faster from few events. */
        FLATTEN
    }

    public CnnSpec {
        channels = List.copyOf(channels);
        hidden = List.copyOf(hidden);
        MlpSpec.requireWidths(hidden);
        if (channels.isEmpty()) {
            throw new IllegalArgumentException(
                    "channels: none found, a cnn has at least one block; without any, it is an mlp");
        }
        for (int maps : channels) {
            if (maps < 1) {
                throw new IllegalArgumentException("channels: " + maps + " found, must be at least 1");
            }
        }
        if (kernel < 1 || kernel % 2 == 0) {
            throw new IllegalArgumentException("kernel: " + kernel
                    + " found, must be odd: only then has it a middle, and the maps keep their size");
        }
    }

    @Override
    public EncodingSpec encoding() {
        return EncodingSpec.bag(0);
    }

    @Override
    public Cnn build(InputShape input, int classes) {
        return new Cnn(this, input, classes);
    }
}
