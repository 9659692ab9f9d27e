package dev.reflux.checkpoints.gate;

/** The highest level that the pipeline's detectors report at present. */
public enum DriftLevel {
    NONE,
    WARNING,
    DRIFT
}
