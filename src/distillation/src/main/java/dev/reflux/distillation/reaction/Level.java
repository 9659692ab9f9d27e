package dev.reflux.distillation.reaction;

/** Drift levels as {@link dev.reflux.distillation.Feedback#driftLevel()} numbers them. */
final class Level {

    static final int WARNING = 1;
    static final int DRIFT = 2;

    private Level() {}
}
