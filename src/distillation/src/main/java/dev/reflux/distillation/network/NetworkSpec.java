package dev.reflux.distillation.network;

/** Which network to build: its type and its sizes, without inputs and classes. */
public sealed interface NetworkSpec permits MlpSpec {}
