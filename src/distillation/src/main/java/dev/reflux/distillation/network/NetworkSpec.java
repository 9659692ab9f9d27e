package dev.reflux.distillation.network;

/**
 * Which network to build: its type and its sizes, without inputs and classes. Immutable; equal specifications build equal
 * networks.
 */
public interface NetworkSpec {

    /** How the network wants categories and texts. */
    EncodingSpec encoding();

    /**
     * The network for inputs of a shape.
     *
     * @throws IllegalArgumentException when it cannot read such inputs, saying what it needs
     */
    Network build(InputShape input, int classes);
}
