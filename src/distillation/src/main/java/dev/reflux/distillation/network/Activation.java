package dev.reflux.distillation.network;

/** Non-linearity between layers. */
public enum Activation {
    /** {@code max(0, x)}. */
    RELU,
    /** {@code tanh(x)}. */
    TANH,
    /** {@code x * Phi(x)}, Hendrycks and Gimpel 2016, exact form by the error function. */
    GELU
}
