package dev.reflux.distillation.engine;

/** Which engine runs a network's steps; both give the same numbers within float rounding. */
public enum EngineChoice {
    /** By the network and the rows per step: {@link #FUSED} for small dense networks in small steps. */
    AUTO,
    /** Plain loops over flat arrays in Java: no call overhead, fastest from one to some dozens of rows. */
    FUSED,
    /** PyTorch through DJL: fastest matrix products for large steps. */
    TENSOR
}
