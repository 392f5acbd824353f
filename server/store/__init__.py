"""All SQL: conversion, loading, writing, feeding; no decision is taken here."""
