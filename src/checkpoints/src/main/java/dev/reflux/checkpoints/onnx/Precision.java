package dev.reflux.checkpoints.onnx;

import java.util.Locale;

/**
 * How the weights of a published model are kept. Matrices and tables are; vectors (biases, statistics of inputs) stay
 * 32-bit floats, and so does all arithmetic: the graph turns weights back into floats where it uses them.
 */
public enum Precision {
    /** 32-bit floats, as trained. */
    FP32,
    /** 16-bit floats (IEEE 754 binary16), rounded to nearest even; half the size. */
    FP16,
    /**
     * 8-bit integers with a scale per output: {@code q = round(w / s)}, {@code s = max|w| / 127}, symmetric; a quarter of
     * the size.
     */
    INT8;

    /** As manifests have it. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
